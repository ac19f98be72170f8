using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using CrossFormer.Arrays;
using CrossFormer.Data.TfRecords;
using CrossFormer.Formats;

namespace CrossFormer.Data.Rlds;

/// <summary>Turns the lists of one Example into typed columns.</summary>
internal static class ColumnReader
{
    // The largest ratio that deflate can reach; more is claimed by a file that lies.
    private const int MaxDeflateRatio = 1032;

    /// <summary>Decodes one feature.</summary>
    /// <param name="example">An example whose list kinds and step counts have been checked.</param>
    /// <param name="leaf">The feature.</param>
    /// <param name="steps">The episode's number of steps; null for a feature of the episode.</param>
    public static RldsColumn Read(Example example, RldsSchema.Leaf leaf, int? steps)
    {
        if (leaf.Unreadable is { } reason)
            throw new NotSupportedException($"The feature '{leaf.Feature.Key}' ({leaf.Feature}) cannot be read: {reason}.");
        var count = example.Count(leaf.Values);
        if (!leaf.IsRagged)
        {
            int[] leading = steps is { } n ? [n] : leaf.Feature.SequenceLengths.Count > 0 ? [count / Math.Max(leaf.EntriesPerValue, 1)] : [];
            return ReadValues(example, leaf, leading, count);
        }

        var rowLengths = Array.ConvertAll(leaf.RowLengths, slot => ReadRowLengths(example, leaf, slot));
        for (var level = 0; level < rowLengths.Length; level++)
        {
            long total = 0;
            foreach (var length in rowLengths[level])
                total += length;
            var (found, of) = level + 1 < rowLengths.Length
                ? (rowLengths[level + 1].Length, "rows")
                : (count / Math.Max(leaf.EntriesPerValue, 1), "values");
            if (total != found)
                throw Corrupt(example, leaf.RowLengths[level], leaf, $"its row lengths add up to {total}, but there are {found} {of}");
        }

        return new RaggedColumn(leaf.Feature, ReadValues(example, leaf, [count / Math.Max(leaf.EntriesPerValue, 1)], count), rowLengths);
    }

    private static RldsColumn ReadValues(Example example, RldsSchema.Leaf leaf, int[] leading, int count)
    {
        var feature = leaf.Feature;
        if (feature.Kind == RldsFeatureKind.Image)
        {
            var ranges = Ranges(example, leaf);
            return new ImageColumn(
                feature, example.Record.File,
                Array.ConvertAll(ranges, r => example.Record.Data[r.Start..r.End]),
                Array.ConvertAll(ranges, r => example.Record.DataOffset + r.Start));
        }

        if (feature.DType is not { } dtype)
            return new BytesColumn(feature, Array.ConvertAll(Ranges(example, leaf), r => example.Record.Data[r.Start..r.End]), [.. leading, .. feature.Shape]);
        if (feature.IsBytes)
            return ReadEncoded(example, leaf, dtype, leading);

        var shape = feature.Shape.ToArray();
        if (feature.UnknownDimensions == 1)
            shape = Complete(example, leaf, shape, count);
        var bytes = (long)count * dtype.Size();
        if (bytes > Array.MaxLength)
            throw Corrupt(example, leaf.Values, leaf, $"{count} values of {dtype.NumpyName()} are more than an array can hold");
        var values = new byte[bytes];
        if (feature.Stored == ExampleFeatureKind.FloatList)
            ReadFloats(example, leaf.Values, dtype, count, values);
        else
            ReadIntegers(example, leaf, dtype, count, values);
        return new ArrayColumn(feature, new NdArray(dtype, [.. leading, .. shape], values), leading.Length > 0 ? leading[0] : 1);
    }

    private static (int Start, int End)[] Ranges(Example example, RldsSchema.Leaf leaf)
    {
        var ranges = new (int Start, int End)[example.Count(leaf.Values)];
        if (ranges.Length > 0)
            example.ReadRanges(leaf.Values, ranges);
        return ranges;
    }

    private static void ReadFloats(Example example, int slot, DType dtype, int count, byte[] destination)
    {
        if (dtype == DType.Float32)
        {
            ReadSingles(example, slot, MemoryMarshal.Cast<byte, float>(destination.AsSpan()));
            return;
        }

        var buffer = ArrayPool<float>.Shared.Rent(count);
        try
        {
            var source = buffer.AsSpan(0, count);
            ReadSingles(example, slot, source);
            switch (dtype)
            {
                case DType.Float64:
                    Convert<float, double>(source, destination);
                    break;
                case DType.Float16:
                    Convert<float, Half>(source, destination);
                    break;
                default:
                    // bfloat16: such values were bfloat16 before, so cutting the lower half off loses nothing.
                    var target = MemoryMarshal.Cast<byte, ushort>(destination.AsSpan());
                    for (var i = 0; i < count; i++)
                        target[i] = (ushort)(BitConverter.SingleToUInt32Bits(source[i]) >> 16);
                    break;
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
    }

    private static void ReadSingles(Example example, int slot, Span<float> destination)
    {
        if (destination.Length > 0)
            example.ReadSingles(slot, destination);
    }

    private static void Convert<TFrom, TTo>(ReadOnlySpan<TFrom> source, byte[] destination)
        where TFrom : unmanaged, System.Numerics.INumber<TFrom>
        where TTo : unmanaged, System.Numerics.INumber<TTo>
    {
        var target = MemoryMarshal.Cast<byte, TTo>(destination.AsSpan());
        for (var i = 0; i < source.Length; i++)
            target[i] = TTo.CreateChecked(source[i]);
    }

    private static void ReadIntegers(Example example, RldsSchema.Leaf leaf, DType dtype, int count, byte[] destination)
    {
        if (count == 0)
            return;
        if (dtype == DType.Int64)
        {
            example.ReadInt64s(leaf.Values, MemoryMarshal.Cast<byte, long>(destination.AsSpan()));
            return;
        }

        var buffer = ArrayPool<long>.Shared.Rent(count);
        try
        {
            var source = buffer.AsSpan(0, count);
            example.ReadInt64s(leaf.Values, source);
            switch (dtype)
            {
                case DType.Bool:
                    for (var i = 0; i < count; i++)
                        destination[i] = source[i] != 0 ? (byte)1 : (byte)0;
                    break;
                case DType.UInt8:
                    Convert<long, byte>(source, destination);
                    break;
                case DType.Int8:
                    Convert<long, sbyte>(source, destination);
                    break;
                case DType.UInt16:
                    Convert<long, ushort>(source, destination);
                    break;
                case DType.Int16:
                    Convert<long, short>(source, destination);
                    break;
                case DType.UInt32:
                    Convert<long, uint>(source, destination);
                    break;
                case DType.Int32:
                    Convert<long, int>(source, destination);
                    break;
                default:
                    Convert<long, ulong>(source, destination);
                    break;
            }
        }
        catch (OverflowException)
        {
            // A number wrapped silently would be worse than an error: it looks like data.
            throw Corrupt(example, leaf.Values, leaf, $"it holds an integer that {dtype.NumpyName()} cannot");
        }
        finally
        {
            ArrayPool<long>.Shared.Return(buffer);
        }
    }

    private static RldsColumn ReadEncoded(Example example, RldsSchema.Leaf leaf, DType dtype, int[] leading)
    {
        var feature = leaf.Feature;
        var ranges = Ranges(example, leaf);
        var shape = feature.Shape.ToArray();
        if (feature.UnknownDimensions == 0)
        {
            var bytes = NdArray.ElementCount(shape) * dtype.Size();
            var values = new byte[Math.Min((long)bytes * ranges.Length, MaxEncoded(example, feature, ranges))];
            for (var i = 0; i < ranges.Length; i++)
            {
                var raw = Decompress(example, leaf, ranges[i], bytes);
                if (raw.Length != bytes || (i + 1L) * bytes > values.Length)
                    throw Corrupt(example, leaf.Values, leaf, $"value {i} has {raw.Length} bytes, expected {bytes} for {feature}");
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
            var actual = shapes?[i] ?? Complete(example, leaf, shape, raw.Length % dtype.Size() == 0 ? raw.Length / dtype.Size() : -1);
            if (raw.Length != (expected ?? raw.Length))
                throw Corrupt(example, leaf.Values, leaf, $"value {i} has {raw.Length} bytes, expected {expected} for the stored shape [{string.Join(',', actual)}]");
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
        catch (InvalidDataException error)
        {
            throw new CorruptFileException(example.Record.File, example.Record.DataOffset + range.Start, $"'{leaf.Feature.Key}': malformed zlib data ({error.Message})", error);
        }

        return raw.WrittenSpan;
    }

    // Fills in the one unknown dimension.
    private static int[] Complete(Example example, RldsSchema.Leaf leaf, int[] shape, int elements)
    {
        var known = NdArray.ElementCount([.. shape.Where(d => d >= 0)]);
        if (elements < 0 || (known == 0 ? elements != 0 : elements % known != 0))
            throw Corrupt(example, leaf.Values, leaf, $"{elements} elements do not fill the shape {leaf.Feature}");
        return Array.ConvertAll(shape, d => d >= 0 ? d : known == 0 ? 0 : elements / known);
    }

    private static int Size(Example example, RldsSchema.Leaf leaf, int[] shape, DType dtype)
    {
        long bytes = dtype.Size();
        foreach (var d in shape)
        {
            if (d == 0)
                return 0;
            bytes = bytes > int.MaxValue ? bytes : bytes * d;
        }

        return bytes <= int.MaxValue ? (int)bytes : throw Corrupt(example, leaf.Shapes, leaf, $"the stored shape [{string.Join(',', shape)}] is too large");
    }

    private static int[][] ReadShapes(Example example, RldsSchema.Leaf leaf, int[] declared, int values)
    {
        var numbers = ReadSmallIntegers(example, leaf, leaf.Shapes, "a dimension");
        if (numbers.Length != (long)values * declared.Length)
            throw Corrupt(example, leaf.Shapes, leaf, $"{numbers.Length} shape entries for {values} values of rank {declared.Length}");
        var shapes = new int[values][];
        for (var i = 0; i < values; i++)
        {
            shapes[i] = numbers[(i * declared.Length)..((i + 1) * declared.Length)];
            for (var d = 0; d < declared.Length; d++)
            {
                if (declared[d] >= 0 && declared[d] != shapes[i][d])
                    throw Corrupt(example, leaf.Shapes, leaf, $"value {i} has the stored shape [{string.Join(',', shapes[i])}], expected {leaf.Feature}");
            }
        }

        return shapes;
    }

    private static int[] ReadRowLengths(Example example, RldsSchema.Leaf leaf, int slot) => ReadSmallIntegers(example, leaf, slot, "a row length");

    private static int[] ReadSmallIntegers(Example example, RldsSchema.Leaf leaf, int slot, string what)
    {
        var numbers = new long[example.Count(slot)];
        if (numbers.Length > 0)
            example.ReadInt64s(slot, numbers);
        var result = new int[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
            result[i] = numbers[i] is >= 0 and <= int.MaxValue ? (int)numbers[i] : throw Corrupt(example, slot, leaf, $"{what} of {numbers[i]}");
        return result;
    }

    private static CorruptFileException Corrupt(Example example, int slot, RldsSchema.Leaf leaf, string problem) =>
        new(example.Record.File, example.Offset(slot), $"'{leaf.Feature.Key}': {problem}");
}
