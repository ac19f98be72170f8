using CrossFormer.Layers;
using static TorchSharp.torch;

namespace CrossFormer.Encoders;

/// <summary>Turns images into a grid of features.</summary>
internal interface IImageEncoder
{
    /// <summary>Features of each grid cell.</summary>
    int Features { get; }

    /// <summary>Grid cells for the input size that it was built for.</summary>
    int Tokens { get; }

    /// <summary>What of a frame stays in memory until the backward pass.</summary>
    KeptActivations Kept { get; }

    /// <summary>Encodes a batch.</summary>
    /// <param name="images_BHWC">uint8 [B, H, W, C].</param>
    /// <param name="condition_BD">float32 [B, D], exactly when the encoder uses FiLM.</param>
    /// <param name="computation">How it is computed.</param>
    /// <returns>[B, H', W', C'] in the computation's precision.</returns>
    Tensor Forward(Tensor images_BHWC, Tensor? condition_BD, Computation computation);
}
