namespace CrossFormer.Policies;

/// <summary>What <see cref="OpenLoopEvaluation.Run"/> found. Errors are absolute, averaged over steps, per action dimension, robot units.</summary>
public sealed record OpenLoopResult
{
    /// <summary>The chunk predicted at each step.</summary>
    public required IReadOnlyList<ActionChunk> Chunks { get; init; }

    /// <summary>Milliseconds of each prediction, from the observation to the chunk.</summary>
    public required IReadOnlyList<double> Latencies { get; init; }

    /// <summary>Of each chunk's first action.</summary>
    public required double[] MeanAbsoluteError { get; init; }

    /// <summary>Of the action that the execution strategy takes.</summary>
    public required double[] ExecutedError { get; init; }

    /// <summary>Of repeating the last recorded action, from step 1 on; NaN in an episode of one step.</summary>
    public required double[] LastActionError { get; init; }

    /// <summary>Of always taking the dataset's mean action.</summary>
    public required double[] MeanActionError { get; init; }
}
