using System.Diagnostics;
using static TorchSharp.torch;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>How fast this machine multiplies matrices right now: what every other figure is compared with.</summary>
internal static class MatrixPeak
{
    private const int Size = 2048;
    private const int Runs = 12;

    /// <summary>The best of several products of two square matrices, in 10^9 operations per second.</summary>
    public static double Measure(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var (a, b) = (rand(Size, Size).to(type), rand(Size, Size).to(type));
        var best = double.MaxValue;
        for (var i = 0; i < Runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            a.matmul(b).Dispose();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 2.0 * Size * Size * Size / best / 1e9;
    }
}
