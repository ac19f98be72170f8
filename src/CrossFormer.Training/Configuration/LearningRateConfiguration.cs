using System.ComponentModel.DataAnnotations;
using CrossFormer.Training.Optimizers;

namespace CrossFormer.Training.Configuration;

/// <summary>A learning rate by optimizer step, warmed up linearly. A plain number stands for a constant rate without warm-up.</summary>
public sealed record LearningRateConfiguration
{
    /// <summary>The course after the warm-up.</summary>
    public required ScheduleKind Name { get; init; }

    /// <summary>Rate at step 0.</summary>
    [Range(0, 1e3)]
    public double InitValue { get; init; }

    /// <summary>Rate at the end of the warm-up.</summary>
    [Range(0, 1e3)]
    public required double PeakValue { get; init; }

    /// <summary>Steps of the warm-up.</summary>
    [Range(0, int.MaxValue)]
    public int WarmupSteps { get; init; }

    /// <summary>
    /// cosine: the optimizer's step at which the end value is reached, warm-up included. Null: as many as the run's steps, which with
    /// gradient accumulation are never reached, for several batches make one step of the optimizer (as in the reference). Others: ignored.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int? DecaySteps { get; init; }

    /// <summary>cosine: the rate at the end. Others: ignored.</summary>
    [Range(0, 1e3)]
    public double EndValue { get; init; }

    /// <summary>rsqrt: steps after which the rate has fallen to peak / √2. Others: ignored.</summary>
    [Range(1e-9, 1e12)]
    public double Timescale { get; init; } = 10000;

    internal LearningRateSchedule ToSchedule(int steps) => Name switch
    {
        ScheduleKind.Cosine => new CosineSchedule(InitValue, PeakValue, WarmupSteps, Math.Max(DecaySteps ?? steps, WarmupSteps + 1), EndValue),
        ScheduleKind.Rsqrt => new InverseSquareRootSchedule(InitValue, PeakValue, WarmupSteps, Timescale),
        _ => new ConstantSchedule(InitValue, PeakValue, WarmupSteps),
    };
}

/// <summary>The courses of a learning rate.</summary>
public enum ScheduleKind
{
    /// <summary>The peak rate for good.</summary>
    Constant,

    /// <summary>Half a cosine from the peak to the end value.</summary>
    Cosine,

    /// <summary>peak / √((s + timescale) / timescale).</summary>
    Rsqrt,
}
