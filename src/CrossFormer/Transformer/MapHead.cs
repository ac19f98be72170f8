// B batch · N tokens · E embedding · R readouts
using CrossFormer.Layers;
using CrossFormer.Parameters;
using CrossFormer.Tokens;
using static TorchSharp.torch;

namespace CrossFormer.Transformer;

/// <summary>Multi-head attention pooling: learned probes read a set of tokens (reference: transformer.py, MAPHead).</summary>
internal sealed class MapHead
{
    private const int Heads = 8;
    // The reference's MLP keeps its default dropout here.
    private const double DropoutRate = 0.1;

    private readonly Parameter _probe;
    private readonly MultiHeadAttention _attention;
    private readonly LayerNorm _norm;
    private readonly MlpBlock _mlp;
    private readonly long _readouts;

    public MapHead(ParameterScope scope, long embedding, long readouts)
    {
        _readouts = readouts;
        _probe = scope.Declare("probe", Initializers.XavierUniform, 1, readouts, embedding);
        _attention = new MultiHeadAttention(scope.Child("MultiHeadDotProductAttention_0"), embedding, Heads);
        _norm = new LayerNorm(scope.Child("LayerNorm_0"), embedding);
        _mlp = new MlpBlock(scope.Child("MlpBlock_0"), embedding, 4 * embedding, DropoutRate);
    }

    /// <summary>[…, N, E] with an optional mask […, N] → […, R, E].</summary>
    public Tensor Forward(Tensor tokens, Tensor? mask, Computation computation)
    {
        using var scope = NewDisposeScope();
        var shape = tokens.shape;
        var x_BNE = tokens.reshape(-1, shape[^2], shape[^1]);
        var probe_BRE = _probe.Value.expand(x_BNE.shape[0], -1, -1);
        var bias = mask is null ? null : MultiHeadAttention.MaskToBias(mask.reshape(-1, 1, 1, shape[^2]));
        var out_BRE = _attention.Forward(probe_BRE, x_BNE, x_BNE, bias, computation);
        out_BRE = out_BRE + _mlp.Forward(_norm.Forward(out_BRE), computation);
        return out_BRE.view([.. shape[..^2], _readouts, shape[^1]]).MoveToOuterDisposeScope();
    }

    public Tensor Forward(TokenGroup group, Computation computation) => Forward(group.Tokens, group.Mask, computation);
}
