namespace CrossFormer.Training.Runs;

/// <summary>A run ended before its last step. Says why, at which step, and from where it can be resumed.</summary>
public sealed class TrainingStoppedException : Exception
{
    /// <summary>Builds the message.</summary>
    /// <param name="reason">What happened.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="checkpoint">The last good checkpoint's step; null when there is none.</param>
    /// <param name="inner">The cause.</param>
    /// <param name="recurs">Whether a resumed run would come to the same end.</param>
    public TrainingStoppedException(string reason, int step, int? checkpoint, Exception? inner = null, bool recurs = false)
        : base($"training stopped after {step} steps: {reason} {WhatNow(checkpoint, recurs)}", inner) =>
        (Step, Checkpoint) = (step, checkpoint);

    /// <summary>Steps done.</summary>
    public int Step { get; }

    /// <summary>The last good checkpoint's step; null when there is none.</summary>
    public int? Checkpoint { get; }

    private static string WhatNow(int? checkpoint, bool recurs) => (checkpoint, recurs) switch
    {
        (null, _) => "There is no checkpoint yet.",
        ({ } step, false) => $"The last good checkpoint is that of step {step}; go on with --resume.",
        ({ } step, true) => $"The last good checkpoint is that of step {step}; --resume would come to the same end, so begin a run in another folder with finetune.pretrained (and finetune.step) naming it.",
    };
}
