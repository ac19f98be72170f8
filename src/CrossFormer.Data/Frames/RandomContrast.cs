namespace CrossFormer.Data.Frames;

/// <summary>Scales every pixel's distance to the mean of its channel over the image, by a factor uniform in [low, high).</summary>
/// <param name="Low">Smallest factor, at least 0.</param>
/// <param name="High">Largest factor.</param>
public sealed record RandomContrast(float Low, float High) : Augmentation
{
    internal override AugmentationStep Draw(AugmentationRandom random) => new(AugmentationKind.Contrast, random.Next(Low, High));
}
