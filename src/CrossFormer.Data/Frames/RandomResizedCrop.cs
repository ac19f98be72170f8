namespace CrossFormer.Data.Frames;

/// <summary>
/// Cuts a box out of the image and scales it back to the image's size (bilinear, without antialias: TensorFlow's
/// crop_and_resize). Area uniform in the scale range, aspect ratio log-uniform, position uniform.
/// </summary>
/// <param name="ScaleLow">Smallest area, as a fraction of the image, above 0.</param>
/// <param name="ScaleHigh">Largest area; above 1 is allowed, sides are then cut to the image.</param>
/// <param name="RatioLow">Smallest width / height, above 0.</param>
/// <param name="RatioHigh">Largest width / height.</param>
public sealed record RandomResizedCrop(float ScaleLow, float ScaleHigh, float RatioLow, float RatioHigh) : Augmentation
{
    internal override AugmentationStep Draw(AugmentationRandom random)
    {
        var scale = random.Next(ScaleLow, ScaleHigh);
        var ratio = MathF.Exp(random.Next(MathF.Log(RatioLow), MathF.Log(RatioHigh)));
        var height = Math.Clamp(MathF.Sqrt(scale / ratio), 0, 1);
        var width = Math.Clamp(MathF.Sqrt(scale * ratio), 0, 1);
        var top = random.Next(0, 1 - height);
        var left = random.Next(0, 1 - width);
        return new AugmentationStep(AugmentationKind.Box, top, left, top + height, left + width);
    }
}
