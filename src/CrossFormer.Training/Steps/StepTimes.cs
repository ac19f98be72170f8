namespace CrossFormer.Training.Steps;

/// <summary>Where the time of one training step goes, in milliseconds.</summary>
/// <param name="StepMs">The whole step.</param>
/// <param name="EncoderMs">Image encoders, forward and backward, measured alone.</param>
/// <param name="OptimizerMs">Norms, clipping and AdamW.</param>
public sealed record StepTimes(double StepMs, double EncoderMs, double OptimizerMs)
{
    /// <summary>The rest: transformer, projections, heads and losses.</summary>
    public double TransformerMs => StepMs - EncoderMs - OptimizerMs;
}
