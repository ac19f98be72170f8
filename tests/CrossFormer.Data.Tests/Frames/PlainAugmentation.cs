using CrossFormer.Data.Frames;

namespace CrossFormer.Data.Tests.Frames;

/// <summary>The augmentations as their definitions say, pixel by pixel in float64: hue and saturation through HSV.</summary>
internal static class PlainAugmentation
{
    public static float[] Apply(byte[] image, int height, int width, AugmentationStep[] steps)
    {
        var pixels = Array.ConvertAll(image, b => b / 255.0);
        foreach (var step in steps)
        {
            pixels = step.Kind switch
            {
                AugmentationKind.Box => Box(pixels, height, width, step),
                AugmentationKind.Brightness => Array.ConvertAll(pixels, p => p + step.A),
                AugmentationKind.Contrast => Contrast(pixels, step.A),
                AugmentationKind.Saturation => Hsv(pixels, (h, s, v) => (h, Math.Min(1, s * step.A), v)),
                _ => Hsv(pixels, (h, s, v) => (h + step.A - Math.Floor(h + step.A), s, v)),
            };
            pixels = Array.ConvertAll(pixels, p => Math.Clamp(p, 0, 1));
        }

        return Array.ConvertAll(pixels, p => (float)p);
    }

    private static double[] Box(double[] pixels, int height, int width, AugmentationStep box)
    {
        var result = new double[pixels.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var (y, x, c) = (i / 3 / width, i / 3 % width, i % 3);
            var (yy, xx) = (At(box.A, box.C, y, height), At(box.B, box.D, x, width));
            var (y0, x0) = ((int)Math.Floor(yy), (int)Math.Floor(xx));
            var (y1, x1) = (Math.Min(y0 + 1, height - 1), Math.Min(x0 + 1, width - 1));
            double P(int row, int column) => pixels[(((row * width) + column) * 3) + c];
            var upper = P(y0, x0) + ((P(y0, x1) - P(y0, x0)) * (xx - x0));
            var lower = P(y1, x0) + ((P(y1, x1) - P(y1, x0)) * (xx - x0));
            result[i] = upper + ((lower - upper) * (yy - y0));
        }

        return result;

        static double At(double low, double high, int i, int size) =>
            Math.Clamp(size > 1 ? (low * (size - 1)) + (i * (high - low)) : (low + high) / 2 * (size - 1), 0, size - 1);
    }

    private static double[] Contrast(double[] pixels, float factor)
    {
        var result = new double[pixels.Length];
        for (var c = 0; c < 3; c++)
        {
            var mean = Enumerable.Range(0, pixels.Length / 3).Average(i => pixels[(3 * i) + c]);
            for (var i = c; i < pixels.Length; i += 3)
                result[i] = ((pixels[i] - mean) * factor) + mean;
        }

        return result;
    }

    private static double[] Hsv(double[] pixels, Func<double, double, double, (double, double, double)> change)
    {
        var result = new double[pixels.Length];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            var (r, g, b) = (pixels[i], pixels[i + 1], pixels[i + 2]);
            var v = Math.Max(r, Math.Max(g, b));
            var range = v - Math.Min(r, Math.Min(g, b));
            var h = range == 0 ? 0 : v == r ? (g - b) / range : v == g ? 2 + ((b - r) / range) : 4 + ((r - g) / range);
            var (hue, s, value) = change((h < 0 ? h + 6 : h) / 6, v > 0 ? range / v : 0, v);
            for (var c = 0; c < 3; c++)
            {
                // HSV to RGB by the usual one-line formula: offsets 5, 3, 1.
                var k = (5 - (2 * c) + (hue * 6)) % 6;
                result[i + c] = value - (value * s * Math.Max(0, Math.Min(Math.Min(k, 4 - k), 1)));
            }
        }

        return result;
    }
}
