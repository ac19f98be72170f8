namespace CrossFormer.Data.Frames;

/// <summary>Scales the saturation (of hue, saturation, value) by a factor uniform in [low, high); at most full saturation.</summary>
/// <param name="Low">Smallest factor, at least 0.</param>
/// <param name="High">Largest factor.</param>
public sealed record RandomSaturation(float Low, float High) : Augmentation
{
    internal override AugmentationStep Draw(AugmentationRandom random) => new(AugmentationKind.Saturation, random.Next(Low, High));
}
