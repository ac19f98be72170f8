using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Images;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>
/// A dataset with its camera's frames at 640x480, as a robot's camera gives them: scaled bicubically, one fixed image of Gaussian
/// noise added so that a file is as large as a real one (about 85 kB), JPEG of quality 92, 4:2:0.
/// </summary>
internal static class ScaledDataset
{
    private const int Height = 480, Width = 640;
    private const double Noise = 9;

    /// <summary>Writes the dataset into a folder.</summary>
    /// <param name="source">What to scale.</param>
    /// <param name="camera">The image feature to keep; the others are left out.</param>
    /// <param name="folder">Where to.</param>
    /// <returns>The dataset's folder.</returns>
    public static string Write(RldsDataset source, string camera, string folder)
    {
        var picture = RldsFeature.Image(camera, Height, Width, ImageFormat.Jpeg);
        RldsFeature[] others = [.. source.Features.Where(f => f.Kind != RldsFeatureKind.Image && f.PerStep)];
        using var writer = RldsWriter.Open(folder, new RldsDatasetInfo(source.Name), [picture, .. others]);
        var noise = GaussianNoise();
        foreach (var split in source.Splits)
        {
            foreach (var episode in source.ReadEpisodes(split.Name))
            {
                var images = episode.Steps.Images(camera);
                var files = new ReadOnlyMemory<byte>[images.Count];
                Parallel.For(0, files.Length, i => files[i] = ImageCodec.EncodeJpeg(Scale(images.Decode(i), noise), 92, JpegSubsampling.Half));
                writer.Write(split.Name, [new ImageColumn(picture, files), .. others.Select(f => episode.Steps[f.Name])]);
            }
        }

        return writer.Complete();
    }

    private static float[] GaussianNoise()
    {
        var random = new Random(0);
        var noise = new float[Height * Width * 3];
        // Box and Muller's method.
        for (var i = 0; i < noise.Length; i++)
            noise[i] = (float)(Noise * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return noise;
    }

    private static NdArray Scale(NdArray image, float[] noise)
    {
        var (height, width) = (image.Shape[0], image.Shape[1]);
        var pixels = image.AsSpan<byte>();
        var wide = new float[height * Width * 3];
        for (var x = 0; x < Width; x++)
        {
            var (first, weights) = Cubic(x, width, Width);
            for (var i = 0; i < height * 3; i++)
            {
                var (y, c, sum) = (i / 3, i % 3, 0f);
                for (var k = 0; k < 4; k++)
                    sum += weights[k] * pixels[(((y * width) + Math.Clamp(first + k, 0, width - 1)) * 3) + c];
                wide[(((y * Width) + x) * 3) + c] = sum;
            }
        }

        var result = new byte[noise.Length];
        for (var y = 0; y < Height; y++)
        {
            var (first, weights) = Cubic(y, height, Height);
            for (var i = 0; i < Width * 3; i++)
            {
                var (at, sum) = ((y * Width * 3) + i, 0f);
                for (var k = 0; k < 4; k++)
                    sum += weights[k] * wide[(Math.Clamp(first + k, 0, height - 1) * Width * 3) + i];
                result[at] = (byte)Math.Clamp(MathF.Round(sum + noise[at]), 0, 255);
            }
        }

        return new NdArray(DType.UInt8, [Height, Width, 3], result);
    }

    // Catmull and Rom's spline through the four nearest pixels.
    private static (int First, float[] Weights) Cubic(int position, int from, int to)
    {
        var centre = ((position + 0.5f) * from / to) - 0.5f;
        var first = (int)MathF.Floor(centre) - 1;
        var t = centre - first - 1;
        return (first,
        [
            ((-0.5f * t + 1) * t - 0.5f) * t,
            ((1.5f * t - 2.5f) * t * t) + 1,
            ((-1.5f * t + 2) * t + 0.5f) * t,
            (0.5f * t - 0.5f) * t * t,
        ]);
    }
}
