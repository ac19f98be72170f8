using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>
/// The safetensors format: u64 length of a JSON header, the header (name → dtype, shape, data_offsets; <c>__metadata__</c> →
/// text), the elements. Written as the Rust library writes it: larger element types first, then by name, header padded with
/// spaces to a multiple of 8. Source: huggingface/safetensors, README and safetensors/src/tensor.rs.
/// </summary>
public static class Safetensors
{
    /// <summary>The format's own limit on the header.</summary>
    private const int MaxHeaderBytes = 100_000_000;
    private const int Alignment = 8;
    private const string MetadataKey = "__metadata__";
    private static readonly JsonWriterOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // In the Rust library's order, by which it sorts (descending).
    private static readonly (string Name, DType Type)[] Types =
    [
        ("BOOL", DType.Bool), ("U8", DType.UInt8), ("I8", DType.Int8), ("I16", DType.Int16), ("U16", DType.UInt16), ("F16", DType.Float16),
        ("BF16", DType.BFloat16), ("I32", DType.Int32), ("U32", DType.UInt32), ("F32", DType.Float32), ("F64", DType.Float64),
        ("I64", DType.Int64), ("U64", DType.UInt64),
    ];

    /// <summary>Opens a file. Its arrays are read when they are asked for.</summary>
    /// <exception cref="CorruptFileException">The file is malformed; also when elements overlap or leave holes, as the format demands.</exception>
    public static SafetensorsFile Open(string path) => Read(ByteSource.OpenFile(path));

    /// <summary>Reads the header; the arrays stay in <paramref name="source"/> until they are asked for.</summary>
    /// <exception cref="CorruptFileException">The bytes are malformed.</exception>
    public static SafetensorsFile Read(ByteSource source)
    {
        Span<byte> head = stackalloc byte[sizeof(ulong)];
        source.Read(0, head);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(head);
        if (length > MaxHeaderBytes || (long)length > source.Length - head.Length)
            throw source.Corrupt(0, $"a header of {length} bytes in a file of {source.Length}");
        var header = source.Slice(head.Length, (long)length);
        return JsonMetadata.Parse(header.ReadAll(), header, root => ParseHeader(root, source, header));
    }

    /// <summary>Writes arrays, one after the other, with no more memory than the largest needs.</summary>
    /// <param name="stream">The destination.</param>
    /// <param name="arrays">Names and arrays, in any order.</param>
    /// <param name="metadata">Text for <c>__metadata__</c>; written in the order given.</param>
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, StoredArray>> arrays, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var sorted = arrays
            .Select(a => (Name: a.Key, Utf8: Encoding.UTF8.GetBytes(a.Key), Array: a.Value, Rank: Array.FindIndex(Types, t => t.Type == a.Value.DType)))
            .OrderByDescending(a => a.Rank).ThenBy(a => a.Utf8, Comparer<byte[]>.Create((x, y) => x.AsSpan().SequenceCompareTo(y)))
            .ToList();
        var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header, Compact))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(MetadataKey);
                foreach (var (key, value) in metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            var offset = 0L;
            foreach (var (name, _, array, rank) in sorted)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", Types[rank].Name);
                WriteNumbers(json, "shape", array.Shape.Select(d => (long)d));
                WriteNumbers(json, "data_offsets", [offset, offset += array.ByteCount]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (header.Length % Alignment != 0)
            header.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        header.WriteTo(stream);
        foreach (var (_, _, array, _) in sorted)
            array.WriteTo(stream);
    }

    private static SafetensorsFile ParseHeader(JsonElement root, ByteSource source, ByteSource header)
    {
        var dataStart = sizeof(ulong) + header.Length;
        var metadata = new OrderedDictionary<string, string>();
        var arrays = new OrderedDictionary<string, StoredArray>();
        var ranges = new List<(long Begin, long End, string Name)>();
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name == MetadataKey)
            {
                foreach (var entry in property.Value.EnumerateObject())
                    metadata[entry.Name] = entry.Value.GetString() ?? throw new FormatException($"expected text in {MetadataKey}.{entry.Name}");
                continue;
            }

            var (name, range) = (property.Name, property.Value.Integers("data_offsets"));
            var code = property.Value.Text("dtype");
            if (Array.FindIndex(Types, t => t.Name == code) is not (>= 0 and var type))
                throw header.Corrupt(0, $"'{name}' has the unknown element type '{code}'");
            var (shape, bytes) = ArrayShape.Check(property.Value.Integers("shape"), Types[type].Type, source.Name, sizeof(ulong));
            if (range is not [>= 0 and var begin, var end] || end < begin || end - begin != bytes || end > source.Length - dataStart)
                throw header.Corrupt(0, $"expected {bytes} bytes for '{name}' inside the file's {source.Length - dataStart}, found data_offsets [{string.Join(',', range)}]");
            ranges.Add((begin, end, name));
            if (!arrays.TryAdd(name, new SourceArray(Types[type].Type, shape, source, dataStart + begin)))
                throw header.Corrupt(0, $"'{name}' occurs twice");
        }

        ranges.Sort();
        var covered = 0L;
        foreach (var (begin, end, name) in ranges)
        {
            if (begin != covered)
                throw header.Corrupt(0, $"expected '{name}' to begin at {covered}, where the array before it ends, found {begin}");
            covered = end;
        }

        return covered == source.Length - dataStart
            ? new SafetensorsFile(arrays, metadata)
            : throw source.Corrupt(dataStart + covered, $"expected the end of the file after the last array, found {source.Length - dataStart - covered} more bytes");
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
