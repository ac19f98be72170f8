using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using CrossFormer.Arrays;
using CrossFormer.Data.TfRecords;
using CrossFormer.Formats;

namespace CrossFormer.Data.Rlds;

/// <summary>Tensors of encoding <c>bytes</c> or <c>zlib</c>: one byte string per value, its shape fixed, implied or stored.</summary>
internal static class EncodedTensorReader
{
    // The largest ratio that deflate can reach; more is claimed by a file that lies.
    private const int MaxDeflateRatio = 1032;

    public static RldsColumn Read(Example example, RldsSchema.Leaf leaf, DType dtype, int[] leading)
    {
        var feature = leaf.Feature;
        var ranges = ColumnReader.Ranges(example, leaf);
        var shape = feature.Shape.ToArray();
        if (feature.UnknownDimensions == 0)
        {
            var bytes = NdArray.ElementCount(shape) * dtype.Size();
            var values = new byte[Math.Min((long)bytes * ranges.Length, MaxEncoded(example, feature, ranges))];
            for (var i = 0; i < ranges.Length; i++)
            {
                var raw = Decompress(example, leaf, ranges[i], bytes);
                if (raw.Length != bytes || (i + 1L) * bytes > values.Length)
                    throw ColumnReader.Corrupt(example, leaf.Values, leaf, $"value {i} has {raw.Length} bytes, expected {bytes} for {feature}");
                raw.CopyTo(values.AsSpan(i * bytes));
            }

            return new ArrayColumn(feature, new NdArray(dtype, [.. leading, .. shape], values), ranges.Length);
        }

        var shapes = leaf.Shapes < 0 ? null : ReadShapes(example, leaf, shape, ranges.Length);
        var arrays = new NdArray[ranges.Length];
        for (var i = 0; i < arrays.Length; i++)
        {
            var expected = shapes is null ? (int?)null : Size(example, leaf, shapes[i], dtype);
            var raw = Decompress(example, leaf, ranges[i], expected);
            var actual = shapes?[i] ?? ColumnReader.Complete(example, leaf, shape, raw.Length % dtype.Size() == 0 ? raw.Length / dtype.Size() : -1);
            if (raw.Length != (expected ?? raw.Length))
                throw ColumnReader.Corrupt(example, leaf.Values, leaf, $"value {i} has {raw.Length} bytes, expected {expected} for the stored shape [{string.Join(',', actual)}]");
            arrays[i] = new NdArray(dtype, actual, raw.ToArray());
        }

        return feature.PerStep || feature.SequenceLengths.Count > 0 ? new VaryingColumn(feature, arrays) : new ArrayColumn(feature, arrays[0], 1);
    }

    // What the encoded bytes can hold at most, so that a lying features.json costs no memory.
    private static long MaxEncoded(Example example, RldsFeature feature, (int Start, int End)[] ranges)
    {
        long bytes = 0;
        foreach (var (start, end) in ranges)
            bytes += end - start;
        return Math.Min(feature.Encoding == TensorEncoding.Zlib ? (bytes + 1) * MaxDeflateRatio : bytes, Array.MaxLength);
    }

    private static ReadOnlySpan<byte> Decompress(Example example, RldsSchema.Leaf leaf, (int Start, int End) range, int? expected)
    {
        var source = example.Record.Data[range.Start..range.End];
        if (leaf.Feature.Encoding == TensorEncoding.Bytes)
            return source.Span;
        MemoryMarshal.TryGetArray(source, out var segment);
        using var compressed = new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false);
        using var zlib = new ZLibStream(compressed, CompressionMode.Decompress);
        // One byte more than expected is enough to notice that there is too much.
        var limit = Math.Min(expected is { } e ? e + 1L : Array.MaxLength, ((long)source.Length + 1) * MaxDeflateRatio);
        var raw = new ArrayBufferWriter<byte>();
        try
        {
            while (raw.WrittenCount < limit)
            {
                var room = raw.GetSpan(256);
                var n = zlib.Read(room[..(int)Math.Min(room.Length, limit - raw.WrittenCount)]);
                if (n == 0)
                    break;
                raw.Advance(n);
            }
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            // An IOException too: that is what ZLibStream says to data that wants a preset dictionary.
            throw Malformed(error.Message, error);
        }

        // ZLibStream takes a stream that was cut for one that ends; the checksum at its end tells.
        if (raw.WrittenCount < limit && (source.Length < 6 || BinaryPrimitives.ReadUInt32BigEndian(source.Span[^4..]) != Adler32(raw.WrittenSpan)))
            throw Malformed($"cut, or its checksum is wrong, after {source.Length} bytes", null);
        return raw.WrittenSpan;

        CorruptFileException Malformed(string problem, Exception? inner) =>
            new(example.Record.File, example.Record.DataOffset + range.Start, $"'{leaf.Feature.Key}': malformed zlib data ({problem})", inner);
    }

    // RFC 1950. 5552 bytes are the most whose sums stay below 2^32, so the costly remainder is taken once per that many.
    private static uint Adler32(ReadOnlySpan<byte> data)
    {
        var (a, b) = (1u, 0u);
        while (data.Length > 0)
        {
            var block = data[..Math.Min(data.Length, 5552)];
            foreach (var value in block)
            {
                a += value;
                b += a;
            }

            a %= 65521;
            b %= 65521;
            data = data[block.Length..];
        }

        return b << 16 | a;
    }

    private static int Size(Example example, RldsSchema.Leaf leaf, int[] shape, DType dtype)
    {
        // Zeros are left out at first: what stands beside them may still be absurd.
        long bytes = dtype.Size();
        foreach (var d in shape)
            bytes = bytes > int.MaxValue ? bytes : bytes * Math.Max(d, 1);
        return bytes <= int.MaxValue ? shape.Contains(0) ? 0 : (int)bytes : throw ColumnReader.Corrupt(example, leaf.Shapes, leaf, $"the stored shape [{string.Join(',', shape)}] is too large");
    }

    private static int[][] ReadShapes(Example example, RldsSchema.Leaf leaf, int[] declared, int values)
    {
        var numbers = ColumnReader.ReadSmallIntegers(example, leaf, leaf.Shapes, "a dimension");
        if (numbers.Length != (long)values * declared.Length)
            throw ColumnReader.Corrupt(example, leaf.Shapes, leaf, $"{numbers.Length} shape entries for {values} values of rank {declared.Length}");
        var shapes = new int[values][];
        for (var i = 0; i < values; i++)
        {
            shapes[i] = numbers[(i * declared.Length)..((i + 1) * declared.Length)];
            for (var d = 0; d < declared.Length; d++)
            {
                if (declared[d] >= 0 && declared[d] != shapes[i][d])
                    throw ColumnReader.Corrupt(example, leaf.Shapes, leaf, $"value {i} has the stored shape [{string.Join(',', shapes[i])}], expected {leaf.Feature}");
            }
        }

        return shapes;
    }
}
