using System.Collections.Frozen;
using System.IO.Compression;
using System.Numerics;
using System.Text;
using CrossFormer.Arrays;
using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.OpenX;

/// <summary>What expressions compute with: arrays [steps, …] in, arrays out. Source: the reference's oxe_standardization_transforms.py, data_utils.py.</summary>
internal static class ColumnFunctions
{
    /// <summary>The functions of one operand, by their name in dataset files.</summary>
    public static FrozenDictionary<string, Func<NdArray, TrajectoryColumn>> ByName { get; } = new Dictionary<string, Func<NdArray, TrajectoryColumn>>
    {
        ["float32"] = x => new TrajectoryNumbers(Cast(x, DType.Float32)),
        ["clip"] = x => new TrajectoryNumbers(Map(x, v => MathF.Max(MathF.Min(v, 1), 0), v => Math.Max(Math.Min(v, 1), 0))),
        ["invert"] = x => new TrajectoryNumbers(Map(x, v => 1 - v, v => 1 - v)),
        ["binarize_gripper"] = x => new TrajectoryNumbers(OnePerStep(x, GripperActions.Binarize)),
        ["gripper_state"] = x => new TrajectoryNumbers(OnePerStep(x, GripperActions.RelativeToAbsolute)),
        ["euler_from_quaternion"] = x => new TrajectoryNumbers(Euler(x)),
        ["step_difference"] = x => new TrajectoryNumbers(StepDifference(x)),
        ["text_from_code_points"] = TextFromCodePoints,
    }.ToFrozenDictionary();

    /// <summary>One number per step is a row of width 1.</summary>
    public static NdArray AsRows(NdArray values) => values.Shape.Length == 1 ? values.Reshape(values.Shape[0], 1) : values;

    /// <summary>To float32 or float64; float32 is rounded once, from the value itself.</summary>
    public static NdArray Cast(NdArray values, DType dtype) =>
        values.DType == dtype ? values :
        dtype == DType.Float64 ? NdArray.From(values.ToDoubles(), values.Shape) :
        // By way of float64 a large integer would be rounded twice.
        values.DType == DType.Int64 ? NdArray.From(Array.ConvertAll(values.AsSpan<long>().ToArray(), v => (float)v), values.Shape) :
        values.DType == DType.UInt64 ? NdArray.From(Array.ConvertAll(values.AsSpan<ulong>().ToArray(), v => (float)v), values.Shape) :
        NdArray.From(values.ToSingles(), values.Shape);

    /// <summary>Element by element, in float64 when the values are, else in float32.</summary>
    public static NdArray Map(NdArray values, Func<float, float> single, Func<double, double> @double) =>
        values.DType == DType.Float64
            ? NdArray.From(Array.ConvertAll(values.AsSpan<double>().ToArray(), v => @double(v)), values.Shape)
            : NdArray.From(Array.ConvertAll(Cast(values, DType.Float32).AsSpan<float>().ToArray(), v => single(v)), values.Shape);

    /// <summary>Entries <paramref name="start"/> to <paramref name="end"/> (excluded) of the last dimension.</summary>
    public static NdArray Slice(NdArray values, int start, int end)
    {
        var (element, width) = (values.DType.Size(), values.Shape[^1]);
        var rows = width == 0 ? 0 : values.Count / width;
        var (row, part) = (width * element, (end - start) * element);
        var bytes = new byte[rows * part];
        for (var i = 0; i < rows; i++)
            values.Bytes.Span.Slice(i * row + start * element, part).CopyTo(bytes.AsSpan(i * part));
        return new NdArray(values.DType, [.. values.Shape[..^1], end - start], bytes);
    }

    /// <summary>Side by side along the last dimension; all of one dtype.</summary>
    public static NdArray Concatenate(NdArray[] parts, DType dtype)
    {
        var rows = Array.ConvertAll(parts, AsRows);
        foreach (var part in rows)
        {
            if (!part.Shape.AsSpan(..^1).SequenceEqual(rows[0].Shape.AsSpan(..^1)))
                throw new InvalidOperationException($"{part} cannot stand beside {rows[0]}: only the last dimension may differ");
        }

        int[] leading = rows[0].Shape[..^1];
        var (count, width) = (NdArray.ElementCount(leading), rows.Sum(r => r.Shape[^1]) * dtype.Size());
        var bytes = new byte[count * width];
        var offset = 0;
        foreach (var part in rows)
        {
            var partWidth = part.Shape[^1] * dtype.Size();
            for (var i = 0; i < count; i++)
                part.Bytes.Span.Slice(i * partWidth, partWidth).CopyTo(bytes.AsSpan(i * width + offset));
            offset += partWidth;
        }

        return new NdArray(dtype, [.. leading, width / dtype.Size()], bytes);
    }

    /// <summary>float32 [steps, <paramref name="width"/>] from one zlib stream per step.</summary>
    public static NdArray Inflate(TrajectoryTexts streams, int width)
    {
        var (row, bytes) = (width * sizeof(float), new byte[streams.Length * width * sizeof(float)]);
        for (var i = 0; i < streams.Length; i++)
        {
            try
            {
                using var zlib = new ZLibStream(new MemoryStream(streams.Values[i].ToArray()), CompressionMode.Decompress);
                var read = zlib.ReadAtLeast(bytes.AsSpan(i * row, row), row, throwOnEndOfStream: false);
                if (read < row || zlib.ReadByte() >= 0)
                    throw new InvalidOperationException($"the zlib stream of step {i} does not hold the {width} float32 numbers that were expected");
            }
            catch (InvalidDataException e)
            {
                throw new InvalidOperationException($"step {i} holds no zlib stream ({e.Message})", e);
            }
        }

        return new NdArray(DType.Float32, [streams.Length, width], bytes);
    }

    private static NdArray OnePerStep(NdArray values, Func<ReadOnlySpan<float>, float[]> function) =>
        values.Count == values.Shape[0]
            ? NdArray.From(function(Cast(values, DType.Float32).AsSpan<float>()), values.Shape[0], 1)
            : throw new InvalidOperationException($"expected one gripper value per step, found {values}");

    private static NdArray Euler(NdArray values)
    {
        if (values.Shape.Length != 2 || values.Shape[1] != 4)
            throw new InvalidOperationException($"expected quaternions [steps, 4], found {values}");
        var (quaternions, angles) = (Cast(values, DType.Float32), new float[values.Shape[0] * 3]);
        for (var i = 0; i < values.Shape[0]; i++)
            EulerAngles.FromQuaternion(quaternions.AsSpan<float>().Slice(i * 4, 4), angles.AsSpan(i * 3, 3));
        return NdArray.From(angles, values.Shape[0], 3);
    }

    private static NdArray StepDifference(NdArray values) =>
        values.DType == DType.Float64 ? StepDifference<double>(values) : StepDifference<float>(Cast(values, DType.Float32));

    private static NdArray StepDifference<T>(NdArray values) where T : unmanaged, ISubtractionOperators<T, T, T>
    {
        var x = values.AsSpan<T>();
        var width = x.IsEmpty ? 0 : x.Length / values.Shape[0];
        var difference = new T[x.Length];
        for (var i = 0; i < x.Length - width; i++)
            difference[i] = x[i + width] - x[i];
        return NdArray.From(difference, values.Shape);
    }

    private static TrajectoryTexts TextFromCodePoints(NdArray values)
    {
        if (values.Shape.Length != 2 || values.DType is not (DType.Int32 or DType.Int64))
            throw new InvalidOperationException($"expected code points as int32 or int64 [steps, n], found {values}");
        var (points, width) = (values.ToDoubles(), values.Shape[1]);
        var text = new StringBuilder();
        return new TrajectoryTexts(Enumerable.Range(0, values.Shape[0]).Select(step =>
        {
            text.Clear();
            foreach (var point in points.AsSpan(step * width, width))
            {
                if (point == 0)
                    break;
                text.Append(point is > 0 and <= 0x10FFFF && Rune.TryCreate((int)point, out var rune) ? rune.ToString() : "\uFFFD");
            }

            return text.ToString();
        }));
    }
}
