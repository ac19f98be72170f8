// B batch · S sequence · E embedding
using CrossFormer.Layers;
using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Transformer;

/// <summary>Pre-norm attention and MLP with residuals (reference: transformer.py, Encoder1DBlock).</summary>
internal sealed class EncoderBlock
{
    private readonly ParameterScope _scope;
    private readonly Dropout _dropout;
    private readonly bool _repeatPositions;

    public EncoderBlock(ParameterScope scope, long embedding, TransformerConfiguration configuration)
    {
        _scope = scope;
        AttentionNorm = new LayerNorm(scope.Child("LayerNorm_0"), embedding);
        Attention = new MultiHeadAttention(scope.Child("MultiHeadDotProductAttention_0"), embedding, configuration.Heads, configuration.AttentionDropoutRate);
        MlpNorm = new LayerNorm(scope.Child("LayerNorm_1"), embedding);
        Mlp = new MlpBlock(scope.Child("MlpBlock_0"), embedding, configuration.MlpWidth, configuration.DropoutRate);
        (_dropout, _repeatPositions) = (new Dropout(configuration.DropoutRate), configuration.RepeatPositionEncoding);
    }

    public LayerNorm AttentionNorm { get; }

    public MultiHeadAttention Attention { get; }

    public LayerNorm MlpNorm { get; }

    public MlpBlock Mlp { get; }

    /// <summary>Its kernels of a kind, each with the number of its inputs.</summary>
    public IEnumerable<(Parameter Kernel, long Inputs)> Kernels(BlockKernel kind) => kind switch
    {
        BlockKernel.Query => [(Attention.Query.Kernel, Mlp.Up.Inputs)],
        BlockKernel.Key => [(Attention.Key.Kernel, Mlp.Up.Inputs)],
        BlockKernel.Value => [(Attention.Value.Kernel, Mlp.Up.Inputs)],
        BlockKernel.Out => [(Attention.OutKernel, Mlp.Up.Inputs)],
        _ => [(Mlp.Up.Kernel, Mlp.Up.Inputs), (Mlp.Down.Kernel, Mlp.Down.Inputs)],
    };

    public Tensor Forward(Tensor x_BSE, Tensor position_BSE, Tensor bias, Computation computation) =>
        Recomputed.Run(_scope, computation, t => Compute(t[0], t[1], t[2], computation), x_BSE, position_BSE, bias);

    private Tensor Compute(Tensor x_BSE, Tensor position_BSE, Tensor bias, Computation computation)
    {
        using var scope = NewDisposeScope();
        var n_BSE = AttentionNorm.Forward(x_BSE);
        // Positions enter queries and keys only, so a readout (zero input) stays position-free in values and residual.
        var qk_BSE = _repeatPositions ? n_BSE + position_BSE : n_BSE;
        var y_BSE = x_BSE + _dropout.Forward(Attention.Forward(qk_BSE, qk_BSE, n_BSE, bias, computation), computation);
        return (y_BSE + Mlp.Forward(MlpNorm.Forward(y_BSE), computation)).MoveToOuterDisposeScope();
    }
}
