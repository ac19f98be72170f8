using static TorchSharp.torch;

namespace CrossFormer.Tokens;

/// <summary>Tokens that come again at every timestep: an observation's, or a readout's.</summary>
/// <param name="Name">What other groups' rules call it, for example <c>obs_primary</c>.</param>
/// <param name="Tokens">float32 [B, T, N, E].</param>
/// <param name="PositionEncoding">float32, broadcast to [B, T, N, E].</param>
/// <param name="Mask">bool [B, T, N].</param>
/// <param name="Rules">What it attends to.</param>
public sealed record TimestepGroup(string Name, Tensor Tokens, Tensor PositionEncoding, Tensor Mask, AttentionRules Rules);
