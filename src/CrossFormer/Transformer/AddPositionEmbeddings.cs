using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Transformer;

/// <summary>Adds one learned embedding per position (reference: transformer.py, AddPositionEmbs).</summary>
internal sealed class AddPositionEmbeddings(ParameterScope scope, long positions, long features, Initializer initializer)
{
    private readonly Parameter _embedding = scope.Declare("pos_embedding", initializer, 1, positions, features);

    /// <summary>[B, S, E] → [B, S, E].</summary>
    public Tensor Forward(Tensor x_BSE) => x_BSE + _embedding.Value;
}
