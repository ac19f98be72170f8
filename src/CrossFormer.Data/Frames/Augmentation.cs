using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.Frames;

/// <summary>
/// One random change of an image. Images are float32 in [0, 1] in between, clipped there after each augmentation; the first
/// converts from uint8 (x/255), the last back (truncated 255.5·x), as the reference does. Source: dlimp's augmentations.py.
/// </summary>
public abstract record Augmentation
{
    private protected Augmentation()
    {
    }

    /// <summary>Draws the parameters of one application.</summary>
    internal abstract AugmentationStep Draw(AugmentationRandom random);
}

/// <summary>Where an augmentation's parameters come from: one number for all of them, as in the reference, or fresh ones.</summary>
internal ref struct AugmentationRandom(ref RandomStream stream, float? shared)
{
    private readonly ref RandomStream _stream = ref stream;

    /// <summary>Uniform in [low, high).</summary>
    public readonly float Next(float low, float high) => ((shared ?? _stream.NextSingle()) * (high - low)) + low;
}

/// <summary>What an augmentation does to the pixels.</summary>
internal enum AugmentationKind
{
    /// <summary>Box y1, x1, y2, x2 (fractions of the image; reversed bounds mirror) scaled to the whole image.</summary>
    Box,
    /// <summary>Adds a number.</summary>
    Brightness,
    /// <summary>Scales the distance to each channel's mean.</summary>
    Contrast,
    /// <summary>Scales the saturation.</summary>
    Saturation,
    /// <summary>Turns the hue, in turns of the colour circle.</summary>
    Hue,
}

/// <summary>An augmentation with its parameters drawn: the box, or one number in <see cref="A"/>.</summary>
internal readonly record struct AugmentationStep(AugmentationKind Kind, float A, float B = 0, float C = 0, float D = 0);
