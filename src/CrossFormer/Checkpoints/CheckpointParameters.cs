using CrossFormer.Arrays;

namespace CrossFormer.Checkpoints;

/// <summary>The parameters of one step, opened but not read.</summary>
/// <param name="Step">Training step; null when a safetensors file does not say.</param>
/// <param name="Form">How they lie on disk.</param>
/// <param name="Arrays">Flax path joined by '/' (<c>heads_nav/mean_proj/kernel</c>) and array in Flax's layout, in file order.</param>
public sealed record CheckpointParameters(int? Step, CheckpointForm Form, OrderedDictionary<string, StoredArray> Arrays);
