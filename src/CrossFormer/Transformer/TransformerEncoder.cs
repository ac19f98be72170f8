// B batch · S sequence · E embedding
using CrossFormer.Layers;
using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Transformer;

/// <summary>A stack of encoder blocks and a final norm (reference: transformer.py, Transformer).</summary>
internal sealed class TransformerEncoder
{
    private readonly bool _repeatPositions;

    public TransformerEncoder(ParameterScope scope, long embedding, TransformerConfiguration configuration)
    {
        Blocks = [.. Enumerable.Range(0, configuration.Layers).Select(i => new EncoderBlock(scope.Child($"encoderblock_{i}"), embedding, configuration))];
        Norm = new LayerNorm(scope.Child("encoder_norm"), embedding);
        _repeatPositions = configuration.RepeatPositionEncoding;
    }

    public IReadOnlyList<EncoderBlock> Blocks { get; }

    public LayerNorm Norm { get; }

    /// <param name="x_BSE">Tokens.</param>
    /// <param name="position_BSE">Position encodings.</param>
    /// <param name="mask">bool, broadcast to [B, H, S, S]: true where the row may attend to the column.</param>
    /// <param name="computation">How it is computed.</param>
    public Tensor Forward(Tensor x_BSE, Tensor position_BSE, Tensor mask, Computation computation)
    {
        using var scope = NewDisposeScope();
        var bias = MultiHeadAttention.MaskToBias(mask);
        var x = _repeatPositions ? x_BSE : x_BSE + position_BSE;
        foreach (var block in Blocks)
            x = block.Forward(x, position_BSE, bias, computation);
        return Norm.Forward(x).MoveToOuterDisposeScope();
    }
}
