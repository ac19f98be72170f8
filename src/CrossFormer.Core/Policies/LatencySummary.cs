namespace CrossFormer.Policies;

/// <summary>Distribution of a measured latency, over the last 1024 samples.</summary>
/// <param name="Count">Samples ever taken; with none, all durations are zero.</param>
/// <param name="Mean">Arithmetic mean.</param>
/// <param name="P50">Median, nearest rank.</param>
/// <param name="P95">95th percentile, nearest rank.</param>
/// <param name="P99">99th percentile, nearest rank.</param>
/// <param name="Max">Largest.</param>
public readonly record struct LatencySummary(long Count, TimeSpan Mean, TimeSpan P50, TimeSpan P95, TimeSpan P99, TimeSpan Max);
