using CrossFormer.Layers;
using CrossFormer.Parameters;
using CrossFormer.Transformer;
using static TorchSharp.torch;

namespace CrossFormer.Tokenizers;

/// <summary>Reads a fixed number of tokens from many by attention pooling (reference: tokenizers.py, TokenLearner).</summary>
internal sealed class TokenLearner(ParameterScope scope, long inputs, long features, long tokens)
{
    private readonly Parameter _positions = scope.Declare("pos_embed", Initializers.Normal(0.02), inputs, features);
    private readonly LayerNorm _norm = new(scope.Child("LayerNorm_0"), features);
    private readonly MapHead _pool = new(scope.Child("MAPHead_0"), features, tokens);

    /// <summary>[…, N, F] → […, tokens, F].</summary>
    public Tensor Forward(Tensor x, Computation computation)
    {
        using var scope = NewDisposeScope();
        return _pool.Forward(_norm.Forward(x + _positions.Value), mask: null, computation).MoveToOuterDisposeScope();
    }
}
