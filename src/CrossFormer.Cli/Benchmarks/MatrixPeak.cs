using System.Diagnostics;
using static TorchSharp.torch;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>How fast this machine multiplies matrices right now: what every other figure is compared with.</summary>
internal static class MatrixPeak
{
    private const int SmallestSize = 256, LargestSize = 2048;
    private const int Runs = 12;
    private const double LongestSeconds = 20;

    /// <summary>The best of several products of two square matrices, in 10^9 operations per second.</summary>
    public static double Measure(ScalarType type)
    {
        var rate = Measure(type, SmallestSize);
        // On a processor that lacks bfloat16, torch multiplies it number by number, and a product of the largest size takes a minute.
        for (var size = 2 * SmallestSize; size <= LargestSize && Runs * Gigaoperations(size) / rate < LongestSeconds; size *= 2)
            rate = Measure(type, size);
        return rate;
    }

    private static double Measure(ScalarType type, int size)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var (a, b) = (rand(size, size).to(type), rand(size, size).to(type));
        var best = double.MaxValue;
        for (var i = 0; i < Runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            a.matmul(b).Dispose();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return Gigaoperations(size) / best;
    }

    private static double Gigaoperations(int size) => 2e-9 * size * size * size;
}
