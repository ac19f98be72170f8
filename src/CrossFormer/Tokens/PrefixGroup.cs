using static TorchSharp.torch;

namespace CrossFormer.Tokens;

/// <summary>Tokens at the head of the sequence, before all timesteps: the task's.</summary>
/// <param name="Name">What other groups' rules call it, for example <c>task_language</c>.</param>
/// <param name="Tokens">float32 [B, N, E].</param>
/// <param name="PositionEncoding">float32, broadcast to [B, N, E].</param>
/// <param name="Mask">bool [B, N].</param>
/// <param name="Rules">What it attends to.</param>
public sealed record PrefixGroup(string Name, Tensor Tokens, Tensor PositionEncoding, Tensor Mask, AttentionRules Rules);
