using static TorchSharp.torch;

namespace CrossFormer.Encoders;

/// <summary>Turns images into a grid of features.</summary>
internal interface IImageEncoder
{
    /// <summary>Features of each grid cell.</summary>
    int Features { get; }

    /// <summary>Grid cells for the input size that it was built for.</summary>
    int Tokens { get; }

    /// <summary>Encodes a batch.</summary>
    /// <param name="images_BHWC">uint8 [B, H, W, C].</param>
    /// <param name="condition_BD">float32 [B, D], exactly when the encoder uses FiLM.</param>
    /// <returns>float32 [B, C', H', W'].</returns>
    Tensor Forward(Tensor images_BHWC, Tensor? condition_BD);
}
