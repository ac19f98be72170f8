namespace CrossFormer.Reports;

/// <summary>An action chunk that was predicted at a step.</summary>
/// <param name="Step">The step at which it was predicted, which is that of its first action; counted from 0.</param>
/// <param name="Actions">[horizon][dimension], in the units of the true actions.</param>
public readonly record struct PredictedChunk(int Step, float[][] Actions);
