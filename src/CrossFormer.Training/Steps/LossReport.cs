namespace CrossFormer.Training.Steps;

/// <summary>Losses of one batch.</summary>
/// <param name="Total">What is minimised.</param>
/// <param name="Heads">By head name.</param>
public sealed record LossReport(double Total, IReadOnlyDictionary<string, HeadReport> Heads);
