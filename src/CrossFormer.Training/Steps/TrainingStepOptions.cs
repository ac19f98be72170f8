using CrossFormer.Policies;

namespace CrossFormer.Training.Steps;

/// <summary>What <see cref="TrainingStep"/> minimises, and how it computes it.</summary>
public sealed record TrainingStepOptions
{
    /// <summary>
    /// Fine-tuning: the head whose loss alone is minimised, over all samples of the batch. Null: pre-training, the weighted sum over all
    /// heads, each over its own samples.
    /// </summary>
    public string? Head { get; init; }

    /// <summary>What matrix products are computed in. Parameters, gradients, norms and the optimizer are float32 in either.</summary>
    public Precision Precision { get; init; }

    /// <summary>
    /// Whether tokens of absent proprioception are masked, and so not computed. The reference never masks them: a robot without
    /// proprioception attends to constant zeros. Leave this off to go on training weights that were trained so.
    /// </summary>
    public bool MaskAbsentProprioception { get; init; }

    /// <summary>
    /// Most samples whose activations are in memory at once; at least 1. Samples do not influence each other, so fewer at a time
    /// cost a little speed and change nothing else. Null: as many as the batch has.
    /// </summary>
    public int? LargestGroup { get; init; }

    /// <summary>
    /// Whether activations of encoders and transformer blocks are computed again in the backward pass instead of being kept: about a
    /// third more work, much less memory, the same gradients.
    /// </summary>
    public bool Recompute { get; init; }

    /// <summary>
    /// Bytes for activations: no more samples are computed at once than fit, by estimate, but one. Null: no limit.
    /// </summary>
    public long? ActivationBytes { get; init; }
}
