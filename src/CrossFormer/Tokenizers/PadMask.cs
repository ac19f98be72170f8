using static TorchSharp.torch;

namespace CrossFormer.Tokenizers;

internal static class PadMask
{
    /// <summary>bool [B, T]: where any of the inputs is valid; everywhere with a mask missing for one of them.</summary>
    public static Tensor For(Observations observations, IReadOnlyList<string> keys)
    {
        using var scope = NewDisposeScope();
        var shape = observations.TimestepMask.shape;
        using var step = observations.TimestepMask.unsqueeze(-1).unsqueeze(-1);
        return For(step, observations.PadMasks, keys).view(shape).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// A group is valid where any of its inputs is. With a mask missing for one of them nothing is masked, as in the reference
    /// (tokenizers.py, generate_proper_pad_mask).
    /// </summary>
    /// <param name="tokens">[…, N, F].</param>
    /// <param name="masks">By key […], or null.</param>
    /// <param name="keys">The inputs that the tokens come from.</param>
    /// <returns>bool […, N].</returns>
    public static Tensor For(Tensor tokens, IReadOnlyDictionary<string, Tensor>? masks, IReadOnlyList<string> keys)
    {
        var shape = tokens.shape[..^1];
        if (masks is null || !keys.All(masks.ContainsKey))
            return ones(shape, ScalarType.Bool, tokens.device);
        using var scope = NewDisposeScope();
        var valid = masks[keys[0]].to(ScalarType.Bool);
        foreach (var key in keys.Skip(1))
            valid = valid.logical_or(masks[key]);
        return valid.unsqueeze(-1).expand(shape).MoveToOuterDisposeScope();
    }
}
