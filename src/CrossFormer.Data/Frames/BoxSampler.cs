using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossFormer.Data.Frames;

/// <summary>
/// Reads an interleaved uint8 image through a box scaled to the image's own size, row by row, into three planes in [0, 1]:
/// bilinear, as tensorflow/core/kernels/image/crop_and_resize_op.cc. A reversed box mirrors, the whole box copies.
/// Serves one thread.
/// </summary>
internal sealed class BoxSampler
{
    // Row: two source rows mixed, still interleaved. Left, Right: positions of the two neighbours' red values in it.
    private float[] _row = [];
    private int[] _left = [];
    private int[] _right = [];
    private float[] _mix = [];
    private int _height, _width;
    private float _top, _step;

    /// <summary>Prepares for an image's size and a box.</summary>
    public void Prepare(int height, int width, in AugmentationStep box)
    {
        var padded = Padded(width);
        if (_left.Length != padded)
            (_left, _right, _mix) = (new int[padded], new int[padded], new float[padded]);
        if (_row.Length < 3 * width)
            _row = new float[3 * width];
        (_height, _width) = (height, width);
        (_top, _step) = Line(box.A, box.C, height);
        var (start, step) = Line(box.B, box.D, width);
        for (var x = 0; x < padded; x++)
        {
            var (left, right, mix) = Neighbours(start + (Math.Min(x, width - 1) * step), width);
            (_left[x], _right[x], _mix[x]) = (3 * left, 3 * right, mix);
        }
    }

    /// <summary>Reads row <paramref name="y"/> of the result.</summary>
    /// <param name="y">The row.</param>
    /// <param name="pixels">The whole source image.</param>
    /// <param name="r">Red, as long as <see cref="Padded"/> says; then green and blue.</param>
    /// <param name="g">Green.</param>
    /// <param name="b">Blue.</param>
    public void Read(int y, ReadOnlySpan<byte> pixels, Span<float> r, Span<float> g, Span<float> b)
    {
        var (top, bottom, mix) = Neighbours(_top + (y * _step), _height);
        var stride = 3 * _width;
        MixRows(pixels.Slice(top * stride, stride), pixels.Slice(bottom * stride, stride), mix, _row.AsSpan(0, stride));
        if (Avx2.IsSupported)
            GatherAvx2(r, g, b);
        else
            Gather(r, g, b);
    }

    /// <summary>Length of a plane's row for an image of <paramref name="width"/> pixels.</summary>
    public static int Padded(int width) => (width + ColorKernels.RowAlignment - 1) / ColorKernels.RowAlignment * ColorKernels.RowAlignment;

    /// <summary>First position and step along one axis.</summary>
    public static (float Start, float Step) Line(float low, float high, int size) => size > 1
        ? (low * (size - 1), (high - low) * (size - 1) / (size - 1))
        : (0.5f * (low + high) * (size - 1), 0);

    /// <summary>The two positions between which one lies, and how near it is to the second. Rounding may lead a hair outside: clamped.</summary>
    public static (int Low, int High, float Mix) Neighbours(float position, int size)
    {
        var inside = Math.Clamp(position, 0, size - 1);
        var low = (int)inside;
        return (low, Math.Min(low + 1, size - 1), inside - low);
    }

    private static void MixRows(ReadOnlySpan<byte> top, ReadOnlySpan<byte> bottom, float mix, Span<float> row)
    {
        const float scale = 1f / 255;
        var (lanes, n) = (Vector<float>.Count, row.Length);
        var i = 0;
        ref var target = ref MemoryMarshal.GetReference(row);
        if (n >= Vector<byte>.Count)
        {
            while (i < n)
            {
                // The last block overlaps the one before it instead of leaving a remainder.
                i = Math.Min(i, n - Vector<byte>.Count);
                var (a, b, c, d) = Widen(top[i..]);
                var (e, f, g, h) = Widen(bottom[i..]);
                Vector.StoreUnsafe(((e - a) * mix + a) * scale, ref target, (nuint)i);
                Vector.StoreUnsafe(((f - b) * mix + b) * scale, ref target, (nuint)(i + lanes));
                Vector.StoreUnsafe(((g - c) * mix + c) * scale, ref target, (nuint)(i + (2 * lanes)));
                Vector.StoreUnsafe(((h - d) * mix + d) * scale, ref target, (nuint)(i + (3 * lanes)));
                i += Vector<byte>.Count;
            }
        }

        for (; i < n; i++)
            row[i] = (top[i] + ((bottom[i] - top[i]) * mix)) * scale;
    }

    private static (Vector<float>, Vector<float>, Vector<float>, Vector<float>) Widen(ReadOnlySpan<byte> bytes)
    {
        Vector.Widen(new Vector<byte>(bytes), out var low, out var high);
        Vector.Widen(low, out var a, out var b);
        Vector.Widen(high, out var c, out var d);
        return (Float(a), Float(b), Float(c), Float(d));

        static Vector<float> Float(Vector<uint> v) => Vector.ConvertToSingle(Vector.AsVectorInt32(v));
    }

    private unsafe void GatherAvx2(Span<float> r, Span<float> g, Span<float> b)
    {
        // Positions come from Neighbours, which clamps them to the row, so no gather leaves it.
        fixed (float* row = _row)
        {
            for (var x = 0; x < _left.Length; x += 8)
            {
                var left = Vector256.Create<int>(_left.AsSpan(x));
                var right = Vector256.Create<int>(_right.AsSpan(x));
                var mix = Vector256.Create<float>(_mix.AsSpan(x));
                var (r0, r1) = (Avx2.GatherVector256(row, left, 4), Avx2.GatherVector256(row, right, 4));
                var (g0, g1) = (Avx2.GatherVector256(row + 1, left, 4), Avx2.GatherVector256(row + 1, right, 4));
                var (b0, b1) = (Avx2.GatherVector256(row + 2, left, 4), Avx2.GatherVector256(row + 2, right, 4));
                (r0 + ((r1 - r0) * mix)).CopyTo(r[x..]);
                (g0 + ((g1 - g0) * mix)).CopyTo(g[x..]);
                (b0 + ((b1 - b0) * mix)).CopyTo(b[x..]);
            }
        }
    }

    private void Gather(Span<float> r, Span<float> g, Span<float> b)
    {
        for (var x = 0; x < _left.Length; x++)
        {
            var (left, right, mix) = (_left[x], _right[x], _mix[x]);
            r[x] = _row[left] + ((_row[right] - _row[left]) * mix);
            g[x] = _row[left + 1] + ((_row[right + 1] - _row[left + 1]) * mix);
            b[x] = _row[left + 2] + ((_row[right + 2] - _row[left + 2]) * mix);
        }
    }
}
