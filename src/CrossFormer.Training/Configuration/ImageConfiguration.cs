using System.ComponentModel.DataAnnotations;
using CrossFormer.Data.Frames;

namespace CrossFormer.Training.Configuration;

/// <summary>Size and augmentation of one camera's images.</summary>
public sealed record ImageConfiguration
{
    /// <summary>Height and width that images are resized to.</summary>
    [Length(2, 2)]
    public required IReadOnlyList<int> Size { get; init; }

    /// <summary>Random changes in training, in this order. One draw holds for all images of a sample.</summary>
    public IReadOnlyList<AugmentationConfiguration> Augmentations { get; init; } = [];
}

/// <summary>One random change of an image: exactly one of these is given.</summary>
public sealed record AugmentationConfiguration
{
    /// <summary>Cuts out a part and scales it to the whole.</summary>
    public ResizedCropConfiguration? RandomResizedCrop { get; init; }

    /// <summary>Adds up to so much to all channels, in units of the full range.</summary>
    [Range(0, 1)]
    public float? RandomBrightness { get; init; }

    /// <summary>Least and largest factor of the contrast.</summary>
    [Length(2, 2)]
    public IReadOnlyList<float>? RandomContrast { get; init; }

    /// <summary>Least and largest factor of the saturation.</summary>
    [Length(2, 2)]
    public IReadOnlyList<float>? RandomSaturation { get; init; }

    /// <summary>Turns the hue by up to so much, in turns of the colour circle.</summary>
    [Range(0, 0.5)]
    public float? RandomHue { get; init; }

    /// <summary>Mirrors every second image: left and right, or with <c>true</c> top and bottom.</summary>
    public bool? RandomFlip { get; init; }

    internal Augmentation ToAugmentation()
    {
        Augmentation?[] given =
        [
            RandomResizedCrop is { } crop ? new RandomResizedCrop(crop.Scale[0], crop.Scale[1], crop.Ratio[0], crop.Ratio[1]) : null,
            RandomBrightness is { } brightness ? new RandomBrightness(brightness) : null,
            RandomContrast is { } contrast ? new RandomContrast(contrast[0], contrast[1]) : null,
            RandomSaturation is { } saturation ? new RandomSaturation(saturation[0], saturation[1]) : null,
            RandomHue is { } hue ? new RandomHue(hue) : null,
            RandomFlip is { } vertical ? new RandomFlip(vertical) : null,
        ];
        return given.Count(a => a is not null) == 1
            ? Array.Find(given, a => a is not null)!
            : throw new FormatException($"expected exactly one augmentation, found {given.Count(a => a is not null)}");
    }
}

/// <summary>Ranges of a random crop.</summary>
public sealed record ResizedCropConfiguration
{
    /// <summary>Least and largest area, as a fraction of the image.</summary>
    [Length(2, 2)]
    public required IReadOnlyList<float> Scale { get; init; }

    /// <summary>Least and largest width / height.</summary>
    [Length(2, 2)]
    public required IReadOnlyList<float> Ratio { get; init; }
}
