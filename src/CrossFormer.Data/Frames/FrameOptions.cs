namespace CrossFormer.Data.Frames;

/// <summary>What happens to the images of every frame. Source: data/dataset.py, apply_frame_transforms.</summary>
public sealed record FrameOptions
{
    /// <summary>Whether the random changes of training happen: dropout and augmentation. Default true.</summary>
    public bool Training { get; init; } = true;

    /// <summary>Size of colour images, 224x224 by default. Absent ones are blank images of that size.</summary>
    public ImageSize Size { get; init; } = new(224, 224);

    /// <summary>Sizes of single cameras (<c>primary</c>), before <see cref="Size"/>.</summary>
    public IReadOnlyDictionary<string, ImageSize> Sizes { get; init; } = new Dictionary<string, ImageSize>();

    /// <summary>Sizes of single depth cameras (<c>primary</c>); those not named have their colour camera's.</summary>
    public IReadOnlyDictionary<string, ImageSize> DepthSizes { get; init; } = new Dictionary<string, ImageSize>();

    /// <summary>
    /// Whether JPEG files are decoded at the smallest eighth of their size that is not below the wanted one, before they are resized.
    /// Faster for large files, but a deviation from the reference, which decodes them whole: other pixels, by a few levels in the
    /// mean. Default false.
    /// </summary>
    public bool ScaledDecoding { get; init; }

    /// <summary>
    /// What is done to the images of each camera (<c>primary</c>), in order; cameras not named stay as they are. All images of
    /// one camera in a sample, the goal's too, are changed alike; absent ones stay blank. Ignored unless <see cref="Training"/>.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Augmentation>> Augmentations { get; init; } = new Dictionary<string, IReadOnlyList<Augmentation>>();

    /// <summary>How the parameters of one image's augmentations relate to each other. Default: as the reference.</summary>
    public AugmentationDraws Draws { get; init; } = AugmentationDraws.Shared;

    /// <summary>
    /// How often each camera is blanked, 0 to 1, in the whole sample; one of those that are there always stays. Ignored unless
    /// <see cref="Training"/>.
    /// </summary>
    public double ImageDropout { get; init; }

    /// <summary>The camera that is never blanked (<c>primary</c>); null: one drawn from those that are there.</summary>
    public string? DropoutKeeps { get; init; }

    /// <summary>The augmentations that fixed cameras were trained with (source: the reference's configurations, <c>bridge</c>).</summary>
    public static IReadOnlyList<Augmentation> WorkspaceAugmentations { get; } = [new RandomResizedCrop(0.8f, 1, 0.9f, 1.1f), .. Colours];

    /// <summary>The augmentations that wrist and high cameras were trained with (source: the reference's configurations, <c>aloha</c>).</summary>
    public static IReadOnlyList<Augmentation> WristAugmentations { get; } = [new RandomResizedCrop(0.9f, 1, 0.75f, 4f / 3), .. Colours];

    private static IReadOnlyList<Augmentation> Colours =>
        [new RandomBrightness(0.1f), new RandomContrast(0.9f, 1.1f), new RandomSaturation(0.9f, 1.1f), new RandomHue(0.05f)];

    internal ImageSize SizeOf(string camera) => Sizes.TryGetValue(camera, out var size) ? size : Size;

    internal ImageSize DepthSizeOf(string camera) => DepthSizes.TryGetValue(camera, out var size) ? size : SizeOf(camera);
}
