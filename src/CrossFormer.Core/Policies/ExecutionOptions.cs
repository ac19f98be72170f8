namespace CrossFormer.Policies;

/// <summary>How chunks become actions.</summary>
/// <param name="Strategy">The strategy.</param>
/// <param name="Steps">
/// Actions to execute of each chunk before the next one is asked for; at least 1, more than the chunk has means all.
/// Only with <see cref="ExecutionStrategyKind.RecedingHorizon"/>; ignored otherwise. Default 1.
/// </param>
/// <param name="Weight">
/// Decay w of the ensemble's weights exp(−w·i), i = 0 the oldest prediction; finite. Positive trusts old predictions
/// more, negative new ones, 0 all alike. Only with <see cref="ExecutionStrategyKind.TemporalEnsembling"/>; ignored
/// otherwise. Default 0.
/// </param>
public sealed record ExecutionOptions(
    ExecutionStrategyKind Strategy = ExecutionStrategyKind.WholeChunk,
    int Steps = 1,
    double Weight = 0)
{
    /// <summary>A new strategy, without chunks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option that the strategy uses is out of its range.</exception>
    public IExecutionStrategy CreateStrategy() => Strategy switch
    {
        ExecutionStrategyKind.WholeChunk => new WholeChunk(),
        ExecutionStrategyKind.RecedingHorizon => new RecedingHorizon(Steps),
        ExecutionStrategyKind.TemporalEnsembling => new TemporalEnsembling(Weight),
        _ => throw new InvalidOperationException($"Unknown execution strategy {Strategy}."),
    };
}
