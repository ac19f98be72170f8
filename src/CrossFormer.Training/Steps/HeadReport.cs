namespace CrossFormer.Training.Steps;

/// <summary>One head's losses over one batch.</summary>
/// <param name="Loss">The head's own loss, neither weighted nor scaled by its share of the batch.</param>
/// <param name="Mse">Masked mean squared error.</param>
/// <param name="SignError">Share of valid elements whose predicted sign is wrong (reference: lsign).</param>
/// <param name="SampleFraction">Share of the batch's samples that are this head's; [0, 1].</param>
public sealed record HeadReport(double Loss, double Mse, double SignError, double SampleFraction);
