using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using CrossFormer.Arrays;

namespace CrossFormer.Images;

/// <summary>
/// The reference's image resize: <c>tf.image.resize(method="lanczos3", antialias=True)</c>, rounded half to even and
/// clipped to uint8. Rows are summed first, then columns, in float32, as TensorFlow does. Safe to call from many threads.
/// </summary>
public static class LanczosResize
{
    // Rows that are summed over columns at once, and floats of their pixels in one column.
    private const int Block = 4, BlockPixel = 4 * Block;

    /// <summary>Resizes an image.</summary>
    /// <param name="image">uint8 [H, W, C] with 1 to 4 channels.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="width">Columns of the result, at least 1.</param>
    /// <returns>uint8 [height, width, C]; the image itself when the size is the same.</returns>
    /// <exception cref="ArgumentException">The array is no such image.</exception>
    public static NdArray Resize(NdArray image, int height, int width)
    {
        if (image.DType != DType.UInt8 || image.Shape is not [_, _, _])
            throw new ArgumentException($"Expected an image uint8[H,W,C], got {image}.", nameof(image));
        CheckSize(height, width);
        var (h, w, c) = (image.Shape[0], image.Shape[1], image.Shape[2]);
        if ((h, w) == (height, width))
            return image;
        var result = new byte[checked(height * width * c)];
        Resize(image.Bytes.Span, h, w, c, result, height, width);
        return new NdArray(DType.UInt8, [height, width, c], result);
    }

    /// <summary>Resizes into the caller's memory, allocating nothing once the pair of sizes was seen.</summary>
    /// <param name="source">uint8 [sourceHeight, sourceWidth, channels].</param>
    /// <param name="sourceHeight">Rows of the source, at least 1.</param>
    /// <param name="sourceWidth">Columns of the source, at least 1.</param>
    /// <param name="channels">1 to 4.</param>
    /// <param name="destination">uint8 [height, width, channels], all overwritten; must not overlap the source.</param>
    /// <param name="height">Rows of the destination, at least 1.</param>
    /// <param name="width">Columns of the destination, at least 1.</param>
    /// <exception cref="ArgumentException">A span's length does not fit its shape.</exception>
    public static void Resize(ReadOnlySpan<byte> source, int sourceHeight, int sourceWidth, int channels, Span<byte> destination, int height, int width)
    {
        Check(source, sourceHeight, sourceWidth, channels, destination, height, width);
        if ((sourceHeight, sourceWidth) == (height, width))
        {
            source.CopyTo(destination);
            return;
        }

        var rows = ResampleWeights.For(ResampleKernel.Lanczos3, sourceHeight, height);
        var columns = ResampleWeights.For(ResampleKernel.Lanczos3, sourceWidth, width);
        int sourceRow = sourceWidth * channels, row = width * channels;
        // Four spare floats each: a pixel of three channels is loaded and stored as four.
        var scratch = ArrayPool<float>.Shared.Rent(sourceRow + 4 + (sourceWidth * BlockPixel) + (Block * (row + 4)));
        try
        {
            Span<float> tall = scratch.AsSpan(0, sourceRow + 4), block = scratch.AsSpan(sourceRow + 4, sourceWidth * BlockPixel);
            var summed = scratch.AsSpan(sourceRow + 4 + (sourceWidth * BlockPixel), Block * (row + 4));
            tall[sourceRow..].Clear();
            for (var y = 0; y < height; y += Block)
            {
                var count = Math.Min(Block, height - y);
                for (var i = 0; i < count; i++)
                {
                    var weights = rows.Weights.AsSpan((y + i) * rows.Taps, rows.Counts[y + i]);
                    SumRows(source.Slice(rows.Starts[y + i] * sourceRow, weights.Length * sourceRow), weights, tall[..sourceRow]);
                    Interleave(tall, channels, block[(i * 4)..]);
                }

                // Rows of an incomplete last block hold what was there before, and are not read.
                SumColumns(block, columns, channels, summed, row + 4);
                for (var i = 0; i < count; i++)
                    Round(summed.Slice(i * (row + 4), row), destination.Slice((y + i) * row, row));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }
    }

    /// <summary>The same, as written in the definition: the twin that <see cref="Resize(ReadOnlySpan{byte}, int, int, int, Span{byte}, int, int)"/> must equal.</summary>
    internal static void ResizePlain(ReadOnlySpan<byte> source, int sourceHeight, int sourceWidth, int channels, Span<byte> destination, int height, int width)
    {
        Check(source, sourceHeight, sourceWidth, channels, destination, height, width);
        var input = new float[source.Length];
        for (var i = 0; i < input.Length; i++)
            input[i] = source[i];
        var result = Resample.Apply(ResampleKernel.Lanczos3, input, sourceHeight, sourceWidth, channels, height, width);
        for (var i = 0; i < result.Length; i++)
            destination[i] = (byte)Math.Clamp(MathF.Round(result[i], MidpointRounding.ToEven), 0f, 255f);
    }

    // tall[i] = Σ_k weights[k] · rows[k, i]; the product is rounded before it is added, as TensorFlow's is.
    private static void SumRows(ReadOnlySpan<byte> rows, ReadOnlySpan<float> weights, Span<float> tall)
    {
        var n = tall.Length;
        var i = 0;
        ref var first = ref MemoryMarshal.GetReference(rows);
        ref var target = ref MemoryMarshal.GetReference(tall);
        while (n >= 32 && i < n)
        {
            // The last block overlaps the one before it instead of leaving a remainder.
            i = Math.Min(i, n - 32);
            Vector256<float> a = default, b = default, c = default, d = default;
            ref var pixel = ref Unsafe.Add(ref first, i);
            foreach (var weight in weights)
            {
                a += weight * Eight(ref pixel, 0);
                b += weight * Eight(ref pixel, 8);
                c += weight * Eight(ref pixel, 16);
                d += weight * Eight(ref pixel, 24);
                pixel = ref Unsafe.Add(ref pixel, n);
            }

            a.StoreUnsafe(ref target, (nuint)i);
            b.StoreUnsafe(ref target, (nuint)(i + 8));
            c.StoreUnsafe(ref target, (nuint)(i + 16));
            d.StoreUnsafe(ref target, (nuint)(i + 24));
            i += 32;
        }

        for (; i < n; i++)
        {
            var sum = 0f;
            for (var k = 0; k < weights.Length; k++)
                sum += weights[k] * rows[(k * n) + i];
            tall[i] = sum;
        }
    }

    // Eight samples as floats; the processor widens bytes as it loads them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Eight(ref byte pixel, int at)
    {
        var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref pixel, at))).AsByte();
        return Vector256.ConvertToSingle(Avx2.IsSupported ? Avx2.ConvertToVector256Int32(bytes) : Widened(bytes));

        static Vector256<int> Widened(Vector128<byte> bytes)
        {
            var shorts = Vector128.WidenLower(bytes);
            return Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts)).AsInt32();
        }
    }

    // Pixels of one row to every fourth place of a block of four rows, padded to four channels: SumColumns then has full vectors.
    private static void Interleave(ReadOnlySpan<float> tall, int channels, Span<float> block)
    {
        ref var source = ref MemoryMarshal.GetReference(tall);
        ref var target = ref MemoryMarshal.GetReference(block);
        var pixels = (tall.Length - 4) / channels;
        for (var x = 0; x < pixels; x++)
            Vector128.LoadUnsafe(ref source, (nuint)(x * channels)).StoreUnsafe(ref target, (nuint)(x * BlockPixel));
    }

    private static void SumColumns(ReadOnlySpan<float> block, ResampleWeights columns, int channels, Span<float> summed, int stride)
    {
        ref var source = ref MemoryMarshal.GetReference(block);
        ref var target = ref MemoryMarshal.GetReference(summed);
        for (var x = 0; x < columns.Starts.Length; x++)
        {
            ref var pixel = ref Unsafe.Add(ref source, columns.Starts[x] * BlockPixel);
            Vector256<float> upper = default, lower = default;
            foreach (var weight in columns.Weights.AsSpan(x * columns.Taps, columns.Counts[x]))
            {
                upper += weight * Vector256.LoadUnsafe(ref pixel);
                lower += weight * Vector256.LoadUnsafe(ref pixel, 8);
                pixel = ref Unsafe.Add(ref pixel, BlockPixel);
            }

            // Lanes beyond a pixel's channels are overwritten by the next pixel.
            var at = x * channels;
            upper.GetLower().StoreUnsafe(ref target, (nuint)at);
            upper.GetUpper().StoreUnsafe(ref target, (nuint)(at + stride));
            lower.GetLower().StoreUnsafe(ref target, (nuint)(at + (2 * stride)));
            lower.GetUpper().StoreUnsafe(ref target, (nuint)(at + (3 * stride)));
        }
    }

    private static void Round(ReadOnlySpan<float> values, Span<byte> pixels)
    {
        var (limit, lanes) = (new Vector<float>(255f), Vector<float>.Count);
        ref var source = ref MemoryMarshal.GetReference(values);
        ref var target = ref MemoryMarshal.GetReference(pixels);
        var i = 0;
        for (; i <= values.Length - (4 * lanes); i += 4 * lanes)
        {
            var low = Vector.Narrow(Load(ref source, i), Load(ref source, i + lanes));
            var high = Vector.Narrow(Load(ref source, i + (2 * lanes)), Load(ref source, i + (3 * lanes)));
            Vector.Narrow(low, high).StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < values.Length; i++)
            pixels[i] = (byte)Math.Clamp(MathF.Round(values[i], MidpointRounding.ToEven), 0f, 255f);

        Vector<uint> Load(ref float start, int at) =>
            Vector.AsVectorUInt32(Vector.ConvertToInt32(Vector.Min(Vector.Max(Vector.Round(Vector.LoadUnsafe(ref start, (nuint)at)), Vector<float>.Zero), limit)));
    }

    private static void Check(ReadOnlySpan<byte> source, int sourceHeight, int sourceWidth, int channels, Span<byte> destination, int height, int width)
    {
        CheckSize(height, width);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels, 4);
        if (sourceHeight < 1 || sourceWidth < 1 || source.Length != (long)sourceHeight * sourceWidth * channels)
            throw new ArgumentException($"An image uint8[{sourceHeight},{sourceWidth},{channels}] cannot have {source.Length} bytes.", nameof(source));
        if (destination.Length != (long)height * width * channels)
            throw new ArgumentException($"An image uint8[{height},{width},{channels}] cannot have {destination.Length} bytes.", nameof(destination));
    }

    private static void CheckSize(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if ((long)height * width > ImageCodec.MaxPixels)
            throw new ArgumentOutOfRangeException(nameof(height), $"{height}x{width} pixels; at most {ImageCodec.MaxPixels} are made.");
    }
}
