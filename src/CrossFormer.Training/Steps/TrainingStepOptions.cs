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
}
