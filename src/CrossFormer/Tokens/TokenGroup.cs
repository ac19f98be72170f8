// B batch · T window step · N tokens in group · E embedding
using static TorchSharp.torch;

namespace CrossFormer.Tokens;

/// <summary>Tokens that belong together, for example those of one camera's image, and which of them are valid. Views, not owners.</summary>
/// <param name="Tokens">float32 […, N, E].</param>
/// <param name="Mask">bool […, N]: true where the token is valid, false where it is padding.</param>
public sealed record TokenGroup(Tensor Tokens, Tensor Mask)
{
    /// <summary>Number of tokens, N.</summary>
    public long Count => Tokens.shape[^2];

    /// <summary>Joins groups along the token axis.</summary>
    public static TokenGroup Concatenate(IReadOnlyList<TokenGroup> groups) =>
        new(cat([.. groups.Select(g => g.Tokens)], -2), cat([.. groups.Select(g => g.Mask)], -1));
}
