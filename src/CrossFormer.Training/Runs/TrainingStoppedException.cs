namespace CrossFormer.Training.Runs;

/// <summary>A run ended before its last step. Says why, at which step, and from where it can be resumed.</summary>
public sealed class TrainingStoppedException : Exception
{
    /// <summary>Builds the message.</summary>
    /// <param name="reason">What happened.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="checkpoint">The last good checkpoint's step; null when there is none.</param>
    /// <param name="inner">The cause.</param>
    public TrainingStoppedException(string reason, int step, int? checkpoint, Exception? inner = null)
        : base($"training stopped after {step} steps: {reason} {(checkpoint is { } c ? $"The last good checkpoint is that of step {c}; go on with --resume." : "There is no checkpoint yet.")}", inner) =>
        (Step, Checkpoint) = (step, checkpoint);

    /// <summary>Steps done.</summary>
    public int Step { get; }

    /// <summary>The last good checkpoint's step; null when there is none.</summary>
    public int? Checkpoint { get; }
}
