using System.Buffers;
using System.Runtime.InteropServices;
using CrossFormer.Arrays;
using CrossFormer.Data.TfRecords;
using CrossFormer.Formats;

namespace CrossFormer.Data.Rlds;

/// <summary>Turns the lists of one Example into typed columns.</summary>
internal static class ColumnReader
{
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
            return EncodedTensorReader.Read(example, leaf, dtype, leading);

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

    internal static (int Start, int End)[] Ranges(Example example, RldsSchema.Leaf leaf)
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

    // Fills in the one unknown dimension.
    internal static int[] Complete(Example example, RldsSchema.Leaf leaf, int[] shape, int elements)
    {
        var known = NdArray.ElementCount([.. shape.Where(d => d >= 0)]);
        if (elements < 0 || (known == 0 ? elements != 0 : elements % known != 0))
            throw Corrupt(example, leaf.Values, leaf, $"{elements} elements do not fill the shape {leaf.Feature}");
        return Array.ConvertAll(shape, d => d >= 0 ? d : known == 0 ? 0 : elements / known);
    }

    private static int[] ReadRowLengths(Example example, RldsSchema.Leaf leaf, int slot) => ReadSmallIntegers(example, leaf, slot, "a row length");

    internal static int[] ReadSmallIntegers(Example example, RldsSchema.Leaf leaf, int slot, string what)
    {
        var numbers = new long[example.Count(slot)];
        if (numbers.Length > 0)
            example.ReadInt64s(slot, numbers);
        var result = new int[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
            result[i] = numbers[i] is >= 0 and <= int.MaxValue ? (int)numbers[i] : throw Corrupt(example, slot, leaf, $"{what} of {numbers[i]}");
        return result;
    }

    internal static CorruptFileException Corrupt(Example example, int slot, RldsSchema.Leaf leaf, string problem) =>
        new(example.Record.File, example.Offset(slot), $"'{leaf.Feature.Key}': {problem}");
}
