using CrossFormer.Encoders;
using static TorchSharp.torch;

namespace CrossFormer.Layers;

/// <summary>How a forward pass is computed.</summary>
internal sealed record Computation
{
    /// <summary>As the reference computes, without dropout.</summary>
    public static Computation Plain { get; } = new();

    /// <summary>Whether dropout acts.</summary>
    public bool Train { get; init; }

    /// <summary>What matrix products and convolutions are computed in: float32 or bfloat16. Parameters, norms and residual sums of the transformer stay float32.</summary>
    public ScalarType Precision { get; init; } = ScalarType.Float32;

    /// <summary>Whether frames whose tokens are masked are left out of the image encoders. Nothing valid attends to such tokens, so what is read stays the same.</summary>
    public bool SkipMaskedFrames { get; init; }

    /// <summary>Whether activations are computed again in the backward pass instead of being kept.</summary>
    public bool Recompute { get; init; }

    /// <summary>Whether tokens of absent proprioception are masked, which the reference never does.</summary>
    public bool MaskAbsentProprioception { get; init; }

    /// <summary>Encodes images in an encoder's place: for tests that look into it. Null: encoders do it themselves.</summary>
    public Func<IImageEncoder, Tensor, Tensor?, Tensor>? Encode { get; init; }
}
