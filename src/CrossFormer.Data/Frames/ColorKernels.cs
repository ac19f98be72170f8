using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CrossFormer.Data.Frames;

/// <summary>
/// Colour changes of one image row, in place, over three planes of float32 in [0, 1]; results are clipped there. Rows are
/// whole vectors long: what lies behind the image's width is computed too and never read.
/// </summary>
internal static class ColorKernels
{
    /// <summary>Row lengths are multiples of this many pixels: enough for every vector width and for <see cref="StoreBytes"/>.</summary>
    public const int RowAlignment = 16;

    public static void Brightness(Span<float> r, Span<float> g, Span<float> b, float delta)
    {
        Add(r, delta);
        Add(g, delta);
        Add(b, delta);
    }

    /// <summary>Source: tensorflow/core/kernels/adjust_contrast_op.cc.</summary>
    public static void Contrast(Span<float> r, Span<float> g, Span<float> b, float factor, (float R, float G, float B) mean)
    {
        ScaleAround(r, factor, mean.R);
        ScaleAround(g, factor, mean.G);
        ScaleAround(b, factor, mean.B);
    }

    /// <summary>
    /// Scaling the saturation keeps hue and value, so it scales every channel's distance to the largest one: no detour over
    /// hue, saturation, value (tensorflow/core/kernels/adjust_saturation_op.cc takes it, with the same result).
    /// </summary>
    public static void Saturation(Span<float> r, Span<float> g, Span<float> b, float factor)
    {
        Span<Vector<float>> vr = Vectors(r), vg = Vectors(g), vb = Vectors(b);
        var scale = new Vector<float>(factor);
        for (var i = 0; i < vr.Length; i++)
        {
            var (x, y, z) = (vr[i], vg[i], vb[i]);
            var high = Vector.Max(Vector.Max(x, y), z);
            var range = high - Vector.Min(Vector.Min(x, y), z);
            // Full saturation is where the smallest channel reaches 0. A grey pixel divides by 0; Min takes care of it.
            var k = Vector.ConditionalSelect(Vector.GreaterThan(range, Vector<float>.Zero), Vector.Min(scale, high / range), Vector<float>.Zero);
            vr[i] = Clip(high - ((high - x) * k));
            vg[i] = Clip(high - ((high - y) * k));
            vb[i] = Clip(high - ((high - z) * k));
        }
    }

    /// <summary>Source: tensorflow/core/kernels/adjust_hue_op.cc. Largest and smallest channel stay, the position between them turns.</summary>
    public static void Hue(Span<float> r, Span<float> g, Span<float> b, float turns)
    {
        Span<Vector<float>> vr = Vectors(r), vg = Vectors(g), vb = Vectors(b);
        var (one, two, four, six) = (Vector<float>.One, new Vector<float>(2), new Vector<float>(4), new Vector<float>(6));
        var (three, sixth, delta) = (new Vector<float>(3), new Vector<float>(1f / 6), new Vector<float>(6 * turns));
        for (var i = 0; i < vr.Length; i++)
        {
            var (x, y, z) = (vr[i], vg[i], vb[i]);
            var high = Vector.Max(Vector.Max(x, y), z);
            var low = Vector.Min(Vector.Min(x, y), z);
            var range = high - low;
            var isRed = Vector.Equals(high, x);
            var isGreen = Vector.Equals(high, y);
            var difference = Vector.ConditionalSelect(isRed, y - z, Vector.ConditionalSelect(isGreen, z - x, x - y));
            var sector = Vector.ConditionalSelect(isRed, Vector<float>.Zero, Vector.ConditionalSelect(isGreen, two, four));
            // Grey: 0/0 is no number, but it is multiplied away below; take 1 instead.
            var hue = (difference / Vector.ConditionalSelect(Vector.GreaterThan(range, Vector<float>.Zero), range, one)) + sector + delta;
            hue -= six * Vector.Floor(hue * sixth);
            vr[i] = low + (range * Clip(Vector.Abs(hue - three) - one));
            vg[i] = low + (range * Clip(two - Vector.Abs(hue - two)));
            vb[i] = low + (range * Clip(two - Vector.Abs(hue - four)));
        }
    }

    /// <summary>Planes to interleaved uint8, <c>truncate(min(255.5·x, 255))</c> as tf.image.convert_image_dtype.</summary>
    public static void StoreBytes(ReadOnlySpan<float> r, ReadOnlySpan<float> g, ReadOnlySpan<float> b, Span<byte> pixels)
    {
        var width = pixels.Length / 3;
        var x = 0;
        for (; x <= width - 16; x += 16)
        {
            Vector128<byte> red = Bytes(r[x..]), green = Bytes(g[x..]), blue = Bytes(b[x..]);
            var target = pixels.Slice(3 * x, 48);
            (Vector128.Shuffle(red, Vector128.Create((byte)0, N, N, 1, N, N, 2, N, N, 3, N, N, 4, N, N, 5)) |
                Vector128.Shuffle(green, Vector128.Create(N, 0, N, N, 1, N, N, 2, N, N, 3, N, N, 4, N, N)) |
                Vector128.Shuffle(blue, Vector128.Create(N, N, 0, N, N, 1, N, N, 2, N, N, 3, N, N, 4, N))).CopyTo(target);
            (Vector128.Shuffle(red, Vector128.Create(N, N, 6, N, N, 7, N, N, 8, N, N, 9, N, N, 10, N)) |
                Vector128.Shuffle(green, Vector128.Create((byte)5, N, N, 6, N, N, 7, N, N, 8, N, N, 9, N, N, 10)) |
                Vector128.Shuffle(blue, Vector128.Create(N, 5, N, N, 6, N, N, 7, N, N, 8, N, N, 9, N, N))).CopyTo(target[16..]);
            (Vector128.Shuffle(red, Vector128.Create(N, 11, N, N, 12, N, N, 13, N, N, 14, N, N, 15, N, N)) |
                Vector128.Shuffle(green, Vector128.Create(N, N, 11, N, N, 12, N, N, 13, N, N, 14, N, N, 15, N)) |
                Vector128.Shuffle(blue, Vector128.Create((byte)10, N, N, 11, N, N, 12, N, N, 13, N, N, 14, N, N, 15))).CopyTo(target[32..]);
        }

        for (; x < width; x++)
        {
            pixels[3 * x] = (byte)Math.Min(r[x] * 255.5f, 255f);
            pixels[(3 * x) + 1] = (byte)Math.Min(g[x] * 255.5f, 255f);
            pixels[(3 * x) + 2] = (byte)Math.Min(b[x] * 255.5f, 255f);
        }
    }

    /// <summary>Sum of the first <paramref name="count"/> values; float32 lanes, so at most a row at a time.</summary>
    public static double Sum(ReadOnlySpan<float> values, int count)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values[..count]);
        var sum = Vector<float>.Zero;
        foreach (var v in vectors)
            sum += v;
        double total = Vector.Sum(sum);
        for (var i = vectors.Length * Vector<float>.Count; i < count; i++)
            total += values[i];
        return total;
    }

    public static Vector<float> Clip(Vector<float> v) => Vector.Min(Vector.Max(v, Vector<float>.Zero), Vector<float>.One);

    // An index outside the vector: Shuffle puts 0 there.
    private const byte N = 255;

    private static Vector128<byte> Bytes(ReadOnlySpan<float> values)
    {
        var (a, b, c, d) = (Level(values), Level(values[4..]), Level(values[8..]), Level(values[12..]));
        return Vector128.Narrow(Vector128.Narrow(a, b), Vector128.Narrow(c, d)).AsByte();

        static Vector128<int> Level(ReadOnlySpan<float> four) =>
            Vector128.ConvertToInt32(Vector128.Min(Vector128.Create(four) * 255.5f, Vector128.Create(255f)));
    }

    private static void Add(Span<float> values, float delta)
    {
        foreach (ref var v in Vectors(values))
            v = Clip(v + new Vector<float>(delta));
    }

    private static void ScaleAround(Span<float> values, float factor, float mean)
    {
        foreach (ref var v in Vectors(values))
            v = Clip(((v - new Vector<float>(mean)) * factor) + new Vector<float>(mean));
    }

    private static Span<Vector<float>> Vectors(Span<float> row) => MemoryMarshal.Cast<float, Vector<float>>(row);
}
