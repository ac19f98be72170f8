using System.Collections.Concurrent;

namespace CrossFormer.Images;

/// <summary>A resampling kernel of TensorFlow's scale-and-translate operation.</summary>
internal enum ResampleKernel
{
    /// <summary>Windowed sinc of radius 3.</summary>
    Lanczos3,
    /// <summary>Linear interpolation, radius 1.</summary>
    Triangle,
}

/// <summary>
/// For each output position the input positions that it sums, and their weights: half-pixel centres, the kernel widened
/// by the scale when shrinking (antialias), weights normalised to 1. Computed in float32 in TensorFlow's order, for the
/// last bit of a weight decides which way a pixel rounds. Source: scale_and_translate_op.cc, sampling_kernels.h.
/// </summary>
internal sealed class ResampleWeights
{
    // A robot has a handful of camera sizes; a hostile dataset may have any number.
    private const int MaxCached = 256;

    private static readonly ConcurrentDictionary<(ResampleKernel, int, int), ResampleWeights> Cache = new();

    private ResampleWeights(ResampleKernel kernel, int input, int output)
    {
        var inverseScale = (float)(1.0 / ((float)output / input));
        var kernelScale = Math.Max(inverseScale, 1f);
        var radius = (kernel == ResampleKernel.Lanczos3 ? 3f : 1f) * kernelScale;
        Taps = Math.Min((2 * (int)MathF.Ceiling(radius)) + 1, input);
        Starts = new int[output];
        Counts = new int[output];
        Weights = new float[Taps * output];
        for (var x = 0; x < output; x++)
        {
            var centre = (x + 0.5f) * inverseScale;
            var start = Math.Clamp((int)MathF.Ceiling(centre - radius - 0.5f), 0, input - 1);
            var end = Math.Clamp((int)MathF.Floor(centre + radius - 0.5f), 0, input - 1) + 1;
            var weights = Weights.AsSpan(x * Taps, end - start);
            var sum = 0f;
            for (var i = 0; i < weights.Length; i++)
            {
                weights[i] = Evaluate(kernel, MathF.Abs((start + i + 0.5f - centre) * (1f / kernelScale)));
                sum += weights[i];
            }

            var scale = 1f / sum;
            foreach (ref var weight in weights)
                weight *= scale;
            (Starts[x], Counts[x]) = (start, weights.Length);
        }
    }

    /// <summary>Room for weights per output position.</summary>
    public int Taps { get; }

    /// <summary>First input position of each output position.</summary>
    public int[] Starts { get; }

    /// <summary>Number of input positions of each output position, 1 to <see cref="Taps"/>.</summary>
    public int[] Counts { get; }

    /// <summary>[output, <see cref="Taps"/>], the first <see cref="Counts"/> of a row in use.</summary>
    public float[] Weights { get; }

    /// <summary>The table for one axis, made once per pair of sizes.</summary>
    public static ResampleWeights For(ResampleKernel kernel, int input, int output)
    {
        if (Cache.TryGetValue((kernel, input, output), out var weights))
            return weights;
        if (Cache.Count >= MaxCached)
            Cache.Clear();
        return Cache.GetOrAdd((kernel, input, output), static key => new ResampleWeights(key.Item1, key.Item2, key.Item3));
    }

    private static float Evaluate(ResampleKernel kernel, float x)
    {
        if (kernel == ResampleKernel.Triangle)
            return x < 1f ? 1f - x : 0f;
        if (x > 3f)
            return 0f;
        if (x <= 1e-3f)
            return 1f;
        return 3f * MathF.Sin(MathF.PI * x) * MathF.Sin(MathF.PI * x / 3f) / (MathF.PI * MathF.PI * x * x);
    }
}
