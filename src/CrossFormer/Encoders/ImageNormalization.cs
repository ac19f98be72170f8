using static TorchSharp.torch;

namespace CrossFormer.Encoders;

/// <summary>How pixels become floats (reference: vit_encoders.py, normalize_images).</summary>
public enum ImageNormalization
{
    /// <summary>[0, 255] to [−1, 1]: x / 127.5 − 1.</summary>
    Default,
    /// <summary>[0, 255] to [0, 1], then ImageNet's mean and standard deviation per colour, repeated over stacked images.</summary>
    ImageNet,
}

internal static class ImageNormalizations
{
    private static readonly float[] Mean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] Std = [0.229f, 0.224f, 0.225f];

    /// <summary>uint8 [B, H, W, C] → float32 [B, H, W, C]; C a multiple of 3 for ImageNet.</summary>
    public static Tensor Apply(this ImageNormalization normalization, Tensor images_BHWC)
    {
        using var scope = NewDisposeScope();
        var x = images_BHWC.to(ScalarType.Float32);
        if (normalization == ImageNormalization.Default)
            return x.div(Scalars.Of(127.5)).sub(Scalars.Of(1)).MoveToOuterDisposeScope();
        var channels = images_BHWC.shape[^1];
        if (channels % 3 != 0)
            throw new ArgumentException($"ImageNet normalisation needs colour images: a multiple of 3 channels, got {channels}.", nameof(images_BHWC));
        var mean = tensor(Mean).to(x.device).repeat(channels / 3);
        var std = tensor(Std).to(x.device).repeat(channels / 3);
        return x.div(Scalars.Of(255)).sub(mean).div(std).MoveToOuterDisposeScope();
    }
}
