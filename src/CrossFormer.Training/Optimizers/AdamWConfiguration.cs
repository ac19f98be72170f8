namespace CrossFormer.Training.Optimizers;

/// <summary>Settings of <see cref="AdamW"/>; defaults are the reference's (train_utils.py, create_optimizer; optax.adamw).</summary>
public sealed record AdamWConfiguration
{
    /// <summary>Rate by optimizer step.</summary>
    public required LearningRateSchedule LearningRate { get; init; }

    /// <summary>Decay of the first moment; [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment; [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decay of parameters whose path contains "kernel"; others do not decay.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Largest global norm of one micro-step's gradient; null: not clipped. Clipping comes before accumulation.</summary>
    public double? ClipGradient { get; init; }

    /// <summary>Micro-steps whose gradients are averaged into one optimizer step; at least 1.</summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>
    /// Decay of a running average of the parameters, [0, 1): after step n it is min(decay, (1 + n) / (10 + n)), as in TensorFlow's
    /// ExponentialMovingAverage. Null: none is kept. The reference keeps none.
    /// </summary>
    public double? AverageDecay { get; init; }

    /// <summary>Patterns with <c>*</c> and <c>?</c> over paths joined by '.': parameters that are not trained.</summary>
    public IReadOnlyList<string> FrozenKeys { get; init; } = [];
}
