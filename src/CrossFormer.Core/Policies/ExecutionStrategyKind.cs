namespace CrossFormer.Policies;

/// <summary>The ways to execute action chunks.</summary>
public enum ExecutionStrategyKind
{
    /// <summary>Execute a chunk to its end, then predict the next.</summary>
    WholeChunk,

    /// <summary>Execute the first n actions of a chunk, then predict the next.</summary>
    RecedingHorizon,

    /// <summary>Predict at every step and average all predictions made for it.</summary>
    TemporalEnsembling,
}
