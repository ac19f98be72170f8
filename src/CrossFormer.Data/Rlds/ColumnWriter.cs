using System.IO.Compression;
using System.Runtime.InteropServices;
using CrossFormer.Arrays;
using CrossFormer.Data.TfRecords;

namespace CrossFormer.Data.Rlds;

/// <summary>Lays typed columns down as the lists of one Example: the inverse of <see cref="ColumnReader"/>.</summary>
internal static class ColumnWriter
{
    private static readonly byte[] EmptyZlib = [0x78, 0x9C, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01];

    /// <summary>Encodes an episode.</summary>
    /// <param name="schema">The dataset's features; their order is the record's.</param>
    /// <param name="columns">One column for each feature, in any order.</param>
    /// <exception cref="ArgumentException">A column is missing, unknown, of another kind, or of another number of steps.</exception>
    public static byte[] Encode(RldsSchema schema, IEnumerable<RldsColumn> columns)
    {
        var byKey = new Dictionary<string, RldsColumn>();
        foreach (var column in columns)
        {
            if (!byKey.TryAdd(column.Feature.Key, column))
                throw new ArgumentException($"'{column.Feature.Key}' is given twice.", nameof(columns));
        }

        var writer = new ExampleWriter();
        var (steps, witness) = (-1, "");
        foreach (var leaf in schema.Leaves)
        {
            var feature = leaf.Feature;
            if (!byKey.Remove(feature.Key, out var column))
                throw new ArgumentException($"The episode lacks '{feature.Key}' ({feature}).", nameof(columns));
            if (column.Feature.Kind != feature.Kind || column.Feature.ToString() != feature.ToString() || column.Feature.PerStep != feature.PerStep)
                throw new ArgumentException($"'{feature.Key}': expected {feature.Kind} {feature}, got {column.Feature.Kind} {column.Feature}.", nameof(columns));
            if (feature.PerStep)
            {
                var found = StepsOf(column);
                if (steps < 0)
                    (steps, witness) = (found, feature.Key);
                else if (found != steps)
                    throw new ArgumentException($"'{feature.Key}' has {found} steps, '{witness}' has {steps}.", nameof(columns));
            }
            else if (feature.SequenceLengths is [>= 0 and var length] && StepsOf(column) != length)
            {
                throw new ArgumentException($"'{feature.Key}' has {StepsOf(column)} entries, expected {length}.", nameof(columns));
            }

            if (column is RaggedColumn ragged)
            {
                for (var i = 0; i < leaf.RowLengths.Length; i++)
                    writer.AddInt64s(schema.Names[leaf.RowLengths[i]], Array.ConvertAll(ragged.RowLengths[i], n => (long)n));
                column = ragged.Values;
            }

            if (leaf.Shapes >= 0)
                writer.AddInt64s(schema.Names[leaf.Shapes], Shapes(column));
            AddValues(writer, schema.Names[leaf.Values], feature, column);
        }

        return byKey.Count == 0
            ? writer.ToArray()
            : throw new ArgumentException($"The dataset has no feature {string.Join(", ", byKey.Keys.Select(k => $"'{k}'"))}.", nameof(columns));
    }

    // A tensor of strings has more values than steps.
    private static int StepsOf(RldsColumn column) => column is BytesColumn { Shape: [var n, ..] } ? n : column.Count;

    private static void AddValues(ExampleWriter writer, string name, RldsFeature feature, RldsColumn column)
    {
        switch (column)
        {
            case ImageColumn images:
                writer.AddBytes(name, images.Encoded);
                break;
            case BytesColumn bytes:
                writer.AddBytes(name, bytes.Values);
                break;
            case VaryingColumn varying:
                writer.AddBytes(name, [.. varying.Values.Select(v => Compress(feature, v.Bytes))]);
                break;
            case ArrayColumn array when feature.Encoding != TensorEncoding.None:
                var each = array.Count == 0 ? 0 : array.Values.Bytes.Length / array.Count;
                writer.AddBytes(name, [.. Enumerable.Range(0, array.Count).Select(i => Compress(feature, array.Values.Bytes.Slice(i * each, each)))]);
                break;
            case ArrayColumn { Values: var values } when feature.Stored == ExampleFeatureKind.FloatList:
                writer.AddSingles(name, values.ToSingles());
                break;
            case ArrayColumn { Values: var values }:
                writer.AddInt64s(name, Integers(feature, values));
                break;
            default:
                throw new ArgumentException($"'{feature.Key}': {column.GetType().Name} cannot be written.", nameof(column));
        }
    }

    private static long[] Shapes(RldsColumn column) => column switch
    {
        VaryingColumn varying => [.. varying.Values.SelectMany(v => v.Shape).Select(d => (long)d)],
        ArrayColumn array => [.. array.Values.Shape.Select(d => (long)d)],
        _ => throw new ArgumentException($"'{column.Feature.Key}' has no shapes.", nameof(column)),
    };

    private static ReadOnlyMemory<byte> Compress(RldsFeature feature, ReadOnlyMemory<byte> raw)
    {
        if (feature.Encoding == TensorEncoding.Bytes)
            return raw;
        // ZLibStream writes nothing at all for no data; a zlib stream of nothing has eight bytes.
        if (raw.IsEmpty)
            return EmptyZlib;
        using var target = new MemoryStream();
        using (var zlib = new ZLibStream(target, CompressionLevel.Optimal))
            zlib.Write(raw.Span);
        return target.ToArray();
    }

    private static long[] Integers(RldsFeature feature, NdArray values)
    {
        var bytes = values.Bytes.Span;
        switch (values.DType)
        {
            case DType.Int64:
                return values.AsSpan<long>().ToArray();
            case DType.UInt64:
                var unsigned = values.AsSpan<ulong>();
                return unsigned.IndexOfAnyExceptInRange(0ul, (ulong)long.MaxValue) < 0
                    ? MemoryMarshal.Cast<ulong, long>(unsigned).ToArray()
                    : throw new ArgumentException($"'{feature.Key}' holds an integer of 2^63 or more, which a record cannot.", nameof(values));
            case DType.Bool:
                // Any byte but zero is true in memory; in a record it is 1.
                var flags = new long[bytes.Length];
                for (var i = 0; i < flags.Length; i++)
                    flags[i] = bytes[i] != 0 ? 1 : 0;
                return flags;
            default:
                // All others are exact in float64.
                return Array.ConvertAll(values.ToDoubles(), v => (long)v);
        }
    }
}
