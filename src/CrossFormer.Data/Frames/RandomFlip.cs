namespace CrossFormer.Data.Frames;

/// <summary>Mirrors every second image on the average.</summary>
/// <param name="Vertical">False: left and right change places. True: top and bottom.</param>
public sealed record RandomFlip(bool Vertical = false) : Augmentation
{
    internal override AugmentationStep Draw(AugmentationRandom random)
    {
        var flip = random.Next(0, 1) < 0.5f;
        var (y, x) = (flip && Vertical ? 1 : 0, flip && !Vertical ? 1 : 0);
        return new AugmentationStep(AugmentationKind.Box, y, x, 1 - y, 1 - x);
    }
}
