using CrossFormer.Policies;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>What one control loop cost.</summary>
/// <param name="FirstMs">The first call, on a window of one frame.</param>
/// <param name="P50Ms">Median of the steady steps.</param>
/// <param name="P95Ms">95th percentile.</param>
/// <param name="P99Ms">99th percentile.</param>
/// <param name="PeakMib">Largest resident size of the process.</param>
internal sealed record ActTimes(double FirstMs, double P50Ms, double P95Ms, double P99Ms, double PeakMib)
{
    /// <summary>Chunks in normalised units, to compare precisions.</summary>
    public float[] Actions { get; init; } = [];

    /// <summary>What was really used.</summary>
    public Precision Precision { get; init; }
}
