using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using CrossFormer.Formats;

namespace CrossFormer.Data.TfRecords;

/// <summary>
/// A parsed <c>tf.train.Example</c>: for each name of a table, where in the record its list lies. Nothing is copied until
/// a list is read; byte strings are slices of the record.
/// </summary>
/// <remarks>
/// Parsed by hand rather than by Google.Protobuf because this is the data engine's inner loop: generated code copies every
/// image out of the record, makes a string per feature name and an object per list and string, whether anybody asks for
/// that feature or not; this parser makes one small array per record. Unknown fields are passed over; anything malformed
/// is an error. The envelope is checked when parsing, a list's inside when it is counted or read.
/// Source: tensorflow/core/example/{example,feature}.proto.
/// </remarks>
public sealed class Example
{
    private readonly TfRecord _record;
    private readonly ExampleNames _names;
    private readonly Slot[] _slots;

    private Example(in TfRecord record, ExampleNames names)
    {
        (_record, _names) = (record, names);
        _slots = new Slot[names.Count];
    }

    /// <summary>Finds the features named in <paramref name="names"/>; others are passed over.</summary>
    /// <exception cref="CorruptFileException">The data is no well-formed Example.</exception>
    public static Example Parse(in TfRecord record, ExampleNames names)
    {
        var example = new Example(record, names);
        var reader = new WireReader(record, 0, record.Data.Length);
        while (!reader.AtEnd)
        {
            var (field, wireType) = reader.ReadTag();
            if (field != 1)
            {
                reader.SkipField(wireType);
                continue;
            }

            reader.Expect(WireReader.Bytes, wireType, "Example.features");
            example.ParseFeatures(reader.ReadRange());
        }

        return example;
    }

    /// <summary>The record that this example was parsed from.</summary>
    public TfRecord Record => _record;

    /// <summary>What the feature of that number holds.</summary>
    public ExampleFeatureKind Kind(int slot) => _slots[slot].Kind;

    /// <summary>Byte offset in the file at which the feature's list begins; the record's own offset when it is absent.</summary>
    public long Offset(int slot) => Kind(slot) == ExampleFeatureKind.Absent ? _record.Offset : _record.DataOffset + _slots[slot].Start;

    /// <summary>How many values the feature's list holds; 0 when absent. Strings and packed numbers are counted without being decoded.</summary>
    /// <exception cref="CorruptFileException">The list is malformed.</exception>
    public int Count(int slot)
    {
        var (kind, start, end) = _slots[slot];
        var reader = new WireReader(_record, start, end);
        var count = 0;
        while (!reader.AtEnd)
        {
            var (field, wireType) = reader.ReadTag();
            if (field != 1)
            {
                reader.SkipField(wireType);
            }
            else if (wireType != WireReader.Bytes)
            {
                ExpectUnpacked(ref reader, kind, wireType, slot);
                reader.SkipField(wireType);
                count++;
            }
            else
            {
                var range = reader.ReadRange();
                count += kind switch
                {
                    ExampleFeatureKind.BytesList => 1,
                    ExampleFeatureKind.FloatList => PackedFloats(reader, range, slot).Length / sizeof(float),
                    _ => CountVarints(_record.Data.Span[range.Start..range.End]),
                };
            }
        }

        return count;
    }

    /// <summary>Reads a float list.</summary>
    /// <param name="slot">The feature's number; its kind must be <see cref="ExampleFeatureKind.FloatList"/>.</param>
    /// <param name="destination">Exactly <see cref="Count"/> elements.</param>
    /// <exception cref="CorruptFileException">The list is malformed.</exception>
    public void ReadSingles(int slot, Span<float> destination)
    {
        var reader = Open(slot, ExampleFeatureKind.FloatList);
        while (!reader.AtEnd)
        {
            var (field, wireType) = reader.ReadTag();
            if (field != 1)
            {
                reader.SkipField(wireType);
            }
            else if (wireType != WireReader.Bytes)
            {
                ExpectUnpacked(ref reader, ExampleFeatureKind.FloatList, wireType, slot);
                var value = reader.ReadSingle();
                destination[0] = value;
                destination = destination[1..];
            }
            else
            {
                var packed = PackedFloats(reader, reader.ReadRange(), slot);
                packed.CopyTo(MemoryMarshal.AsBytes(destination));
                destination = destination[(packed.Length / sizeof(float))..];
            }
        }
    }

    /// <summary>Reads an integer list.</summary>
    /// <param name="slot">The feature's number; its kind must be <see cref="ExampleFeatureKind.Int64List"/>.</param>
    /// <param name="destination">Exactly <see cref="Count"/> elements.</param>
    /// <exception cref="CorruptFileException">The list is malformed.</exception>
    public void ReadInt64s(int slot, Span<long> destination)
    {
        var reader = Open(slot, ExampleFeatureKind.Int64List);
        while (!reader.AtEnd)
        {
            var (field, wireType) = reader.ReadTag();
            if (field != 1)
            {
                reader.SkipField(wireType);
            }
            else if (wireType != WireReader.Bytes)
            {
                ExpectUnpacked(ref reader, ExampleFeatureKind.Int64List, wireType, slot);
                var value = (long)reader.ReadVarint();
                destination[0] = value;
                destination = destination[1..];
            }
            else
            {
                var (start, end) = reader.ReadRange();
                var values = new WireReader(_record, start, end);
                while (!values.AtEnd)
                {
                    // Read first: an unfinished varint is not among the counted, and must be refused before it is stored.
                    var value = (long)values.ReadVarint();
                    destination[0] = value;
                    destination = destination[1..];
                }
            }
        }
    }

    /// <summary>Reads a list of byte strings: slices of the record, valid as long as its data is.</summary>
    /// <param name="slot">The feature's number; its kind must be <see cref="ExampleFeatureKind.BytesList"/>.</param>
    /// <param name="destination">Exactly <see cref="Count"/> elements: where in the record's data each string lies.</param>
    /// <exception cref="CorruptFileException">The list is malformed.</exception>
    internal void ReadRanges(int slot, Span<(int Start, int End)> destination)
    {
        var reader = Open(slot, ExampleFeatureKind.BytesList);
        for (var i = 0; !reader.AtEnd;)
        {
            var (field, wireType) = reader.ReadTag();
            if (field != 1)
            {
                reader.SkipField(wireType);
                continue;
            }

            ExpectUnpacked(ref reader, ExampleFeatureKind.BytesList, wireType, slot);
            destination[i++] = reader.ReadRange();
        }
    }

    /// <summary>Reads a list of byte strings: slices of the record, valid as long as its data is.</summary>
    /// <param name="slot">The feature's number; its kind must be <see cref="ExampleFeatureKind.BytesList"/>.</param>
    /// <exception cref="CorruptFileException">The list is malformed.</exception>
    public ReadOnlyMemory<byte>[] ReadBytes(int slot)
    {
        var ranges = new (int Start, int End)[Count(slot)];
        ReadRanges(slot, ranges);
        return Array.ConvertAll(ranges, r => _record.Data[r.Start..r.End]);
    }

    private void ParseFeatures((int Start, int End) range)
    {
        var reader = new WireReader(_record, range.Start, range.End);
        while (!reader.AtEnd)
        {
            var (field, wireType) = reader.ReadTag();
            if (field != 1)
            {
                reader.SkipField(wireType);
                continue;
            }

            reader.Expect(WireReader.Bytes, wireType, "Features.feature");
            ParseEntry(reader.ReadRange());
        }
    }

    // A map entry: key = 1, value = 2, in either order. A name that occurs twice keeps its last value, as protobuf's maps do.
    private void ParseEntry((int Start, int End) range)
    {
        var reader = new WireReader(_record, range.Start, range.End);
        (int Start, int End) name = default, value = default;
        while (!reader.AtEnd)
        {
            var (field, wireType) = reader.ReadTag();
            if (field is not (1 or 2))
            {
                reader.SkipField(wireType);
                continue;
            }

            reader.Expect(WireReader.Bytes, wireType, field == 1 ? "a feature's name" : "a feature's value");
            if (field == 1)
                name = reader.ReadRange();
            else
                value = reader.ReadRange();
        }

        var slot = _names.IndexOf(_record.Data.Span[name.Start..name.End]);
        var parsed = ParseFeature(value);
        if (slot >= 0)
            _slots[slot] = parsed;
    }

    private Slot ParseFeature((int Start, int End) range)
    {
        var reader = new WireReader(_record, range.Start, range.End);
        var slot = default(Slot);
        while (!reader.AtEnd)
        {
            var at = reader.Position;
            var (field, wireType) = reader.ReadTag();
            if (field is not (1 or 2 or 3))
            {
                reader.SkipField(wireType);
                continue;
            }

            reader.Expect(WireReader.Bytes, wireType, "a feature's list");
            var kind = (ExampleFeatureKind)field;
            // Protobuf would join two parts of one list; nobody writes such, and joining would need a copy.
            if (slot.Kind == kind)
                throw reader.Malformed(at, "a feature's list comes in two parts");
            var list = reader.ReadRange();
            slot = new Slot(kind, list.Start, list.End);
        }

        return slot;
    }

    private WireReader Open(int slot, ExampleFeatureKind expected)
    {
        var (kind, start, end) = _slots[slot];
        return kind == expected
            ? new WireReader(_record, start, end)
            : throw new InvalidOperationException($"The feature '{_names[slot]}' is {kind}, not {expected}.");
    }

    // Numbers may come one by one (proto2 writers) instead of packed; strings always do.
    private void ExpectUnpacked(ref WireReader reader, ExampleFeatureKind kind, int wireType, int slot) =>
        reader.Expect(
            kind switch
            {
                ExampleFeatureKind.BytesList => WireReader.Bytes,
                ExampleFeatureKind.FloatList => WireReader.Fixed32,
                _ => WireReader.Varint,
            },
            wireType,
            $"a value of '{_names[slot]}'");

    private ReadOnlySpan<byte> PackedFloats(WireReader reader, (int Start, int End) range, int slot)
    {
        var bytes = _record.Data.Span[range.Start..range.End];
        return bytes.Length % sizeof(float) == 0
            ? bytes
            : throw reader.Malformed(range.Start, $"the float list '{_names[slot]}' has {bytes.Length} bytes, not a multiple of 4");
    }

    // Each varint ends with the one byte of it whose high bit is clear. Eight bytes at a time: small integers (bools,
    // uint8 tensors) are one byte each, so this is a count of a large part of some records. A list whose last varint is
    // unfinished is noticed when it is read.
    private static int CountVarints(ReadOnlySpan<byte> bytes)
    {
        const ulong HighBits = 0x8080808080808080;
        var count = 0;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            count += BitOperations.PopCount(~BinaryPrimitives.ReadUInt64LittleEndian(bytes) & HighBits);
        foreach (var b in bytes)
            count += b < 0x80 ? 1 : 0;
        return count;
    }

    private readonly record struct Slot(ExampleFeatureKind Kind, int Start, int End);
}
