namespace CrossFormer.Data.Frames;

/// <summary>Turns the hue by a part of the colour circle, uniform in [−<paramref name="MaxDelta"/>, <paramref name="MaxDelta"/>).</summary>
/// <param name="MaxDelta">In turns, 0 to 0.5.</param>
public sealed record RandomHue(float MaxDelta) : Augmentation
{
    internal override AugmentationStep Draw(AugmentationRandom random) => new(AugmentationKind.Hue, random.Next(-MaxDelta, MaxDelta));
}
