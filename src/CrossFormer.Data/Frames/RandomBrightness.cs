namespace CrossFormer.Data.Frames;

/// <summary>Adds one number to all channels, uniform in [−<paramref name="MaxDelta"/>, <paramref name="MaxDelta"/>).</summary>
/// <param name="MaxDelta">In units of the full range; 0.1 is 25.5 levels.</param>
public sealed record RandomBrightness(float MaxDelta) : Augmentation
{
    internal override AugmentationStep Draw(AugmentationRandom random) => new(AugmentationKind.Brightness, random.Next(-MaxDelta, MaxDelta));
}
