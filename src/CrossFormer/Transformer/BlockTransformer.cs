// B batch · T window step · N tokens in group · S sequence · E embedding
using CrossFormer.Layers;
using CrossFormer.Parameters;
using CrossFormer.Tokens;
using static TorchSharp.torch;

namespace CrossFormer.Transformer;

/// <summary>
/// Runs one transformer over groups of tokens that attend to each other by rules (reference: block_transformer.py). The
/// sequence is [prefix groups | step 0's groups | step 1's groups | …].
/// </summary>
internal sealed class BlockTransformer(ParameterScope scope, long embedding, TransformerConfiguration configuration)
{
    public TransformerEncoder Encoder { get; } = new(scope.Child("Transformer_0"), embedding, configuration);

    /// <summary>The groups with their tokens replaced by the transformer's outputs.</summary>
    public (IReadOnlyList<PrefixGroup> Prefix, IReadOnlyList<TimestepGroup> Timesteps) Forward(
        IReadOnlyList<PrefixGroup> prefix, IReadOnlyList<TimestepGroup> timesteps, Computation computation)
    {
        var (batch, window) = (timesteps[0].Tokens.shape[0], timesteps[0].Tokens.shape[1]);
        using var scope = NewDisposeScope();
        var x_BSE = Assemble(prefix, timesteps, g => g.Tokens, g => g.Tokens);
        var position_BSE = Assemble(
            prefix, timesteps, g => g.PositionEncoding.expand(g.Tokens.shape), g => g.PositionEncoding.expand(g.Tokens.shape));
        var valid_BS = cat(
            [.. prefix.Select(g => g.Mask), cat([.. timesteps.Select(g => g.Mask)], 2).reshape(batch, -1)], 1);
        var rules_SS = Mask(prefix, timesteps).ToTensor().to(x_BSE.device);
        var y_BSE = Encoder.Forward(x_BSE, position_BSE, rules_SS.logical_and(valid_BS.unsqueeze(1).unsqueeze(1)), computation);

        var start = 0L;
        var prefixOut = new List<PrefixGroup>();
        foreach (var group in prefix)
        {
            prefixOut.Add(group with { Tokens = y_BSE.narrow(1, start, group.Tokens.shape[1]).MoveToOuterDisposeScope() });
            start += group.Tokens.shape[1];
        }

        var steps_BTNE = y_BSE.narrow(1, start, y_BSE.shape[1] - start).view(batch, window, -1, y_BSE.shape[2]);
        start = 0;
        var timestepOut = new List<TimestepGroup>();
        foreach (var group in timesteps)
        {
            timestepOut.Add(group with { Tokens = steps_BTNE.narrow(2, start, group.Tokens.shape[2]).MoveToOuterDisposeScope() });
            start += group.Tokens.shape[2];
        }

        return (prefixOut, timestepOut);
    }

    /// <summary>The rules of this sequence, as a printable table.</summary>
    public static AttentionMask Mask(IReadOnlyList<PrefixGroup> prefix, IReadOnlyList<TimestepGroup> timesteps) => AttentionMask.Create(
        [.. prefix.Select(g => (g.Name, (int)g.Tokens.shape[1], g.Rules))],
        [.. timesteps.Select(g => (g.Name, (int)g.Tokens.shape[2], g.Rules))],
        (int)timesteps[0].Tokens.shape[1]);

    private static Tensor Assemble(
        IReadOnlyList<PrefixGroup> prefix, IReadOnlyList<TimestepGroup> timesteps, Func<PrefixGroup, Tensor> ofPrefix, Func<TimestepGroup, Tensor> ofTimestep)
    {
        var steps_BTNE = cat([.. timesteps.Select(ofTimestep)], 2);
        var steps_BSE = steps_BTNE.reshape(steps_BTNE.shape[0], -1, steps_BTNE.shape[3]);
        return cat([.. prefix.Select(ofPrefix), steps_BSE], 1);
    }
}
