using System.Runtime.InteropServices;
using System.Text;

namespace CrossFormer.Data.TfRecords;

/// <summary>
/// Builds a <c>tf.train.Example</c>. The bytes depend on the added features and their order alone: lists are packed, and an
/// empty list keeps its kind, as TensorFlow writes them. Not thread-safe.
/// </summary>
/// <remarks>
/// By hand for the reason that <see cref="Example"/> gives: lengths are summed first, so an image is copied once, from the
/// caller's memory to its place in the record.
/// </remarks>
public sealed class ExampleWriter
{
    private const byte BytesField1 = 0x0A;
    private const byte BytesField2 = 0x12;

    private readonly List<Feature> _features = [];

    /// <summary>Adds a list of byte strings.</summary>
    /// <param name="name">The feature's name.</param>
    /// <param name="values">The strings; read when the record is made, and not copied before.</param>
    public void AddBytes(string name, IReadOnlyList<ReadOnlyMemory<byte>> values)
    {
        long bytes = 0;
        foreach (var value in values)
            bytes += DelimitedSize(value.Length);
        Add(name, ExampleFeatureKind.BytesList, bytes, values);
    }

    /// <summary>Adds a list of floats.</summary>
    /// <inheritdoc cref="AddBytes"/>
    public void AddSingles(string name, ReadOnlyMemory<float> values) =>
        Add(name, ExampleFeatureKind.FloatList, values.Length == 0 ? 0 : DelimitedSize((long)values.Length * sizeof(float)), values);

    /// <summary>Adds a list of integers.</summary>
    /// <inheritdoc cref="AddBytes"/>
    public void AddInt64s(string name, ReadOnlyMemory<long> values)
    {
        var packed = PackedSize(values.Span);
        Add(name, ExampleFeatureKind.Int64List, packed == 0 ? 0 : DelimitedSize(packed), values);
    }

    /// <summary>The record's data.</summary>
    /// <exception cref="InvalidOperationException">It would have more than 2 GiB, the most that a protobuf message can have.</exception>
    public byte[] ToArray()
    {
        long features = 0;
        foreach (var feature in _features)
            features += DelimitedSize(feature.EntryBytes);
        var total = DelimitedSize(features);
        if (total > Array.MaxLength)
            throw new InvalidOperationException($"The record would have {total} bytes; a protobuf message has at most {Array.MaxLength}. Split the episode.");
        var record = GC.AllocateUninitializedArray<byte>((int)total);
        var target = record.AsSpan();
        WriteHead(ref target, BytesField1, features);
        foreach (var feature in _features)
        {
            WriteHead(ref target, BytesField1, feature.EntryBytes);
            WriteDelimited(ref target, feature.Name);
            WriteHead(ref target, BytesField2, DelimitedSize(feature.ListBytes));
            WriteHead(ref target, (byte)(((int)feature.Kind << 3) | 2), feature.ListBytes);
            WriteList(ref target, feature);
        }

        return record;
    }

    private void Add(string name, ExampleFeatureKind kind, long listBytes, object values)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        _features.Add(new Feature(utf8, kind, listBytes, DelimitedSize(utf8.Length) + DelimitedSize(DelimitedSize(listBytes)), values));
    }

    private static void WriteList(ref Span<byte> target, Feature feature)
    {
        switch (feature.Values)
        {
            case IReadOnlyList<ReadOnlyMemory<byte>> strings:
                foreach (var value in strings)
                    WriteDelimited(ref target, value.Span);
                break;
            case ReadOnlyMemory<float> { IsEmpty: false } floats:
                // Little-endian in memory, as everything in this project.
                WriteDelimited(ref target, MemoryMarshal.AsBytes(floats.Span));
                break;
            case ReadOnlyMemory<long> { IsEmpty: false } integers:
                WriteHead(ref target, BytesField1, PackedSize(integers.Span));
                foreach (var value in integers.Span)
                    WriteVarint(ref target, (ulong)value);
                break;
        }
    }

    private static void WriteDelimited(ref Span<byte> target, ReadOnlySpan<byte> value)
    {
        WriteHead(ref target, BytesField1, value.Length);
        value.CopyTo(target);
        target = target[value.Length..];
    }

    private static void WriteHead(ref Span<byte> target, byte tag, long length)
    {
        target[0] = tag;
        target = target[1..];
        WriteVarint(ref target, (ulong)length);
    }

    private static void WriteVarint(ref Span<byte> target, ulong value)
    {
        var i = 0;
        for (; value >= 0x80; value >>= 7)
            target[i++] = (byte)(value | 0x80);
        target[i++] = (byte)value;
        target = target[i..];
    }

    private static long PackedSize(ReadOnlySpan<long> values)
    {
        long bytes = 0;
        foreach (var value in values)
            bytes += VarintSize((ulong)value);
        return bytes;
    }

    // A tag of one byte, a length, and so many bytes.
    private static long DelimitedSize(long bytes) => 1 + VarintSize((ulong)bytes) + bytes;

    // Seven bits a byte; zero takes one byte too.
    private static int VarintSize(ulong value) => (70 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7;

    /// <param name="Name">UTF-8.</param>
    /// <param name="Kind">Its number is the list's field.</param>
    /// <param name="ListBytes">Size of the BytesList, FloatList or Int64List message.</param>
    /// <param name="EntryBytes">Size of the map entry.</param>
    /// <param name="Values">The list.</param>
    private sealed record Feature(byte[] Name, ExampleFeatureKind Kind, long ListBytes, long EntryBytes, object Values);
}
