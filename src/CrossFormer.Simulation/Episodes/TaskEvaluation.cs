namespace CrossFormer.Simulation.Episodes;

/// <summary>How a policy did at one task.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Episodes">In the order of their seeds.</param>
public sealed record TaskEvaluation(string Task, IReadOnlyList<EpisodeResult> Episodes)
{
    /// <summary>Episodes in which the task was done.</summary>
    public int Successes => Episodes.Count(e => e.Succeeded);

    /// <summary>95 % interval of the success rate.</summary>
    public WilsonInterval Interval => WilsonInterval.Of(Successes, Episodes.Count);

    /// <summary>Median simulated seconds of the successes; NaN without one.</summary>
    public double MedianSeconds => Median(Episodes.Where(e => e.Succeeded).Select(e => e.Seconds));

    /// <summary>Mean return.</summary>
    public double MeanReturn => Episodes.Average(e => e.Return);

    /// <summary>Mean of <see cref="EpisodeResult.ChunkJump"/> over the episodes that have one; NaN without.</summary>
    public double MeanChunkJump => Episodes.Select(e => e.ChunkJump).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
