using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>Checks of shapes that a file claims, before anything is allocated for them.</summary>
internal static class ArrayShape
{
    /// <summary>numpy's own limit is 64 dimensions; no parameter has more than 8.</summary>
    public const int MaxRank = 64;

    /// <summary>Turns the dimensions into a shape and its size in bytes.</summary>
    /// <exception cref="CorruptFileException">A dimension is negative or above 2^31−1, or their product is absurd.</exception>
    public static (int[] Shape, long Bytes) Check(ReadOnlySpan<long> dimensions, DType dtype, string file, long offset)
    {
        if (dimensions.Length > MaxRank)
            throw new CorruptFileException(file, offset, $"expected at most {MaxRank} dimensions, found {dimensions.Length}");
        var shape = new int[dimensions.Length];
        long bytes = dtype.Size();
        for (var i = 0; i < shape.Length; i++)
        {
            // The product is taken as StoredArray.ByteCount takes it, a later zero notwithstanding, so that it cannot overflow there.
            if (dimensions[i] is < 0 or > int.MaxValue || bytes > (1L << 46) / Math.Max(1, dimensions[i]))
                throw new CorruptFileException(file, offset, $"absurd shape [{string.Join(',', dimensions.ToArray())}]");
            shape[i] = (int)dimensions[i];
            bytes *= shape[i];
        }

        return (shape, bytes);
    }
}
