using System.ComponentModel.DataAnnotations;
using CrossFormer.Training.Optimizers;

namespace CrossFormer.Training.Configuration;

/// <summary>AdamW and its schedule (reference: train_utils.py, create_optimizer).</summary>
public sealed record OptimizerConfiguration
{
    /// <summary>The learning rate: a schedule, or a plain number.</summary>
    public required LearningRateConfiguration LearningRate { get; init; }

    /// <summary>Decay of kernels; other parameters do not decay.</summary>
    [Range(0, 1e3)]
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Largest global norm of a gradient; null: not clipped.</summary>
    [Range(0, 1e12)]
    public double? ClipGradient { get; init; }

    /// <summary>
    /// Patterns with <c>*</c> and <c>?</c> over parameter paths joined by '.', for example <c>crossformer_transformer.*</c>:
    /// parameters that are not trained. Null: what <c>finetune.mode</c> says, and for <c>full</c> what the checkpoint's own configuration says.
    /// </summary>
    public IReadOnlyList<string>? FrozenKeys { get; init; }

    /// <summary>Batches whose gradients are averaged into one step of the optimizer.</summary>
    [Range(1, 65536)]
    public int GradAccumulationSteps { get; init; } = 1;

    /// <summary>Decay of the first moment.</summary>
    [Range(0, 0.999999)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment.</summary>
    [Range(0, 0.999999)]
    public double Beta2 { get; init; } = 0.999;

    /// <summary>
    /// Decay of a running average of the trained parameters (float32, 4 bytes a parameter), by step of the optimizer n: the smaller of this
    /// and (1 + n) / (10 + n). Validation, report and checkpoints then use the averages, while training goes on from the parameters
    /// themselves; they are kept beside the checkpoint for <c>--resume</c>. Null, as in the reference: no average. 0.999 suits runs of
    /// thousands of steps.
    /// </summary>
    [Range(0, 0.9999999)]
    public double? EmaDecay { get; init; }

    internal AdamWConfiguration ToAdamW(int steps, IReadOnlyList<string> frozen) => new()
    {
        LearningRate = LearningRate.ToSchedule(steps),
        Beta1 = Beta1,
        Beta2 = Beta2,
        WeightDecay = WeightDecay,
        ClipGradient = ClipGradient,
        AccumulationSteps = GradAccumulationSteps,
        AverageDecay = EmaDecay,
        FrozenKeys = frozen,
    };
}
