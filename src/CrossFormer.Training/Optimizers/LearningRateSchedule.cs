namespace CrossFormer.Training.Optimizers;

/// <summary>Learning rate by optimizer step (reference: train_utils.py, create_lr_schedule). Every schedule warms up linearly.</summary>
/// <param name="InitialValue">Rate at step 0.</param>
/// <param name="PeakValue">Rate at the end of the warm-up.</param>
/// <param name="WarmupSteps">Steps of the warm-up; 0: none.</param>
public abstract record LearningRateSchedule(double InitialValue, double PeakValue, int WarmupSteps)
{
    /// <summary>The rate at a step, counted from 0.</summary>
    public double At(long step) => step >= WarmupSteps
        ? AfterWarmup(step - WarmupSteps)
        : InitialValue + (PeakValue - InitialValue) * step / WarmupSteps;

    private protected abstract double AfterWarmup(long step);
}

/// <summary>The peak rate for good. With no warm-up it is a plain number, which the reference's schedule cannot express.</summary>
/// <inheritdoc cref="LearningRateSchedule"/>
public sealed record ConstantSchedule(double InitialValue, double PeakValue, int WarmupSteps = 0) : LearningRateSchedule(InitialValue, PeakValue, WarmupSteps)
{
    private protected override double AfterWarmup(long step) => PeakValue;
}

/// <summary>Inverse square root: peak / √((s + timescale) / timescale), s counted from the end of the warm-up ("Scaling Vision Transformers").</summary>
/// <inheritdoc cref="LearningRateSchedule"/>
/// <param name="InitialValue">Rate at step 0.</param>
/// <param name="PeakValue">Rate at the end of the warm-up.</param>
/// <param name="WarmupSteps">Steps of the warm-up; 0: none.</param>
/// <param name="Timescale">Steps after which the rate has fallen to peak / √2.</param>
public sealed record InverseSquareRootSchedule(double InitialValue, double PeakValue, int WarmupSteps, double Timescale = 10000)
    : LearningRateSchedule(InitialValue, PeakValue, WarmupSteps)
{
    private protected override double AfterWarmup(long step) => PeakValue / Math.Sqrt((step + Timescale) / Timescale);
}

/// <summary>Half a cosine from the peak to the end value.</summary>
/// <param name="InitialValue">Rate at step 0.</param>
/// <param name="PeakValue">Rate at the end of the warm-up.</param>
/// <param name="WarmupSteps">Steps of the warm-up; 0: none.</param>
/// <param name="DecaySteps">Step at which the end value is reached; the warm-up is included in it.</param>
/// <param name="EndValue">Rate from then on.</param>
public sealed record CosineSchedule(double InitialValue, double PeakValue, int WarmupSteps, int DecaySteps, double EndValue = 0)
    : LearningRateSchedule(InitialValue, PeakValue, WarmupSteps)
{
    private protected override double AfterWarmup(long step)
    {
        var length = DecaySteps - WarmupSteps;
        var progress = (double)Math.Min(step, length) / length;
        return EndValue + (PeakValue - EndValue) * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}
