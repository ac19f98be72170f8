using CrossFormer.Arrays;
using CrossFormer.Data.Conversion;
using CrossFormer.Data.Frames;
using CrossFormer.Data.Rlds;
using CrossFormer.Images;

namespace CrossFormer.Data.Modification;

/// <summary>What happens to each feature of a dataset. Thread-safe.</summary>
internal sealed class EpisodeChanges
{
    private const string Observation = "observation/";

    // A tensor with shorter sides is no image: a matrix, a histogram. Source: rlds_dataset_mod, mod_functions.py.
    private const int SmallestImage = 64;

    private readonly List<(RldsFeature Old, RldsFeature New, Func<RldsColumn, RldsColumn>? Change)> _features = [];
    private readonly string? _success;

    /// <exception cref="ArgumentException">An option is out of range or names what is not there.</exception>
    public EpisodeChanges(RldsDataset source, ModificationOptions options)
    {
        options.Images?.Check();
        Check(options.Drop, source.Features, "feature");
        Check([.. options.SwapRedBlue, .. options.UpsideDown], [.. source.Features.Where(f => f.Kind == RldsFeatureKind.Image)], "image");
        foreach (var feature in source.Features.Where(f => !Names(options.Drop, f)))
            _features.Add(Plan(feature, options));
        Features = [.. _features.Select(f => f.New)];
        if (options.SuccessOnly)
            _success = source.Features.FirstOrDefault(f => !f.PerStep && f.Name is "success" or "episode_metadata/success")?.Name
                ?? throw new ArgumentException($"{source.Name} does not say which episodes succeeded: its episodes have no feature 'success' or 'episode_metadata/success'.", nameof(options));
    }

    public IReadOnlyList<RldsFeature> Features { get; }

    /// <summary>Whether the episode goes into the copy.</summary>
    public bool Keeps(RldsEpisode episode) => _success is null || episode.Metadata.Array(_success).ToDoubles()[0] != 0;

    /// <summary>The episode's columns as the copy has them.</summary>
    /// <exception cref="Formats.CorruptFileException">An image that is to be changed is damaged.</exception>
    public IEnumerable<RldsColumn> Apply(RldsEpisode episode) =>
        _features.Select(f => (f.Old.PerStep ? episode.Steps : episode.Metadata)[f.Old.Name] is var column && f.Change is { } change ? change(column) : column);

    private static (RldsFeature, RldsFeature, Func<RldsColumn, RldsColumn>?) Plan(RldsFeature old, ModificationOptions options)
    {
        var (swap, turn) = (Names(options.SwapRedBlue, old), Names(options.UpsideDown, old));
        if (old.SequenceLengths.Count > 0)
            return (old, old, null);
        if (old is { Kind: RldsFeatureKind.Image, DType: DType.UInt8 } && !IsDepth(old) && (options.Images is not null || swap || turn))
        {
            // Without a word about storage an image keeps its format.
            var storage = options.Images ?? new ImageStorage { Format = old.ImageEncoding == ImageFormat.Png ? ImageFormat.Png : ImageFormat.Jpeg };
            var encoder = new FrameEncoder(storage, swap, turn);
            var changed = (storage.Size is { } size ? old with { Shape = [size.Height, size.Width, old.Shape[2]] } : old) with { ImageEncoding = storage.Format };
            return (old, changed, column => new ImageColumn(changed, [.. Images(column).Select(i => encoder.Encode(new SourceFrame(i.File), i.Name, reencode: true))]));
        }

        if (options.Images?.Size is { } target && old.Kind == RldsFeatureKind.Image && IsDepth(old))
        {
            var changed = old with { Shape = [target.Height, target.Width, .. old.Shape.Skip(2)] };
            return (old, changed, column => new ImageColumn(changed, [.. Enumerable.Range(0, column.Count).Select(i => ResizeDepth((ImageColumn)column, i, target))]));
        }

        if (options.Images?.Size is { } wanted && old is { Kind: RldsFeatureKind.Tensor, DType: DType.UInt8, Shape: [>= SmallestImage, >= SmallestImage] or [>= SmallestImage, >= SmallestImage, >= 1 and <= 4] })
        {
            var changed = old with { Shape = [wanted.Height, wanted.Width, .. old.Shape.Skip(2)] };
            return (old, changed, column => new ArrayColumn(changed, ResizeTensor(((ArrayColumn)column).Values, wanted, changed)));
        }

        return (old, old, null);
    }

    private static bool IsDepth(RldsFeature feature) => feature.DType != DType.UInt8 || feature.Name.Contains("depth", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<(ReadOnlyMemory<byte> File, string Name)> Images(RldsColumn column) =>
        ((ImageColumn)column).Encoded.Select((file, i) => (file, $"image {i} of '{column.Feature.Key}'"));

    // As float32, back in the feature's own type, as PNG: a float's four bytes are a pixel's four channels.
    private static ReadOnlyMemory<byte> ResizeDepth(ImageColumn column, int index, ImageSize size)
    {
        var pixels = column.Decode(index);
        var (h, w, c) = (pixels.Shape[0], pixels.Shape[1], pixels.Shape[2]);
        if (c != 1)
        {
            // Depth that was drawn in colours.
            return ImageCodec.EncodePng(LanczosResize.Resize(pixels, size.Height, size.Width));
        }

        var depth = DepthResize.Resize(NdArray.From(pixels.ToSingles(), h, w), size.Height, size.Width);
        var values = depth.AsSpan<float>();
        switch (pixels.DType)
        {
            case DType.Float32:
                return ImageCodec.EncodePng(new NdArray(DType.UInt8, [size.Height, size.Width, 4], depth.Bytes));
            case DType.UInt16:
                var wide = new ushort[values.Length];
                for (var i = 0; i < wide.Length; i++)
                    wide[i] = (ushort)values[i];
                return ImageCodec.EncodePng(NdArray.From(wide, size.Height, size.Width, 1));
            default:
                var narrow = new byte[values.Length];
                for (var i = 0; i < narrow.Length; i++)
                    narrow[i] = (byte)values[i];
                return ImageCodec.EncodePng(NdArray.From(narrow, size.Height, size.Width, 1));
        }
    }

    private static NdArray ResizeTensor(NdArray images, ImageSize size, RldsFeature changed)
    {
        var leading = changed.PerStep ? images.Shape[0] : 1;
        int[] one = images.Shape.Length == 4 || !changed.PerStep && images.Shape.Length == 3 ? images.Shape[^3..] : [.. images.Shape[^2..], 1];
        var result = new byte[leading * NdArray.ElementCount([.. changed.Shape])];
        var (from, to) = (images.Bytes.Length / Math.Max(leading, 1), result.Length / Math.Max(leading, 1));
        for (var t = 0; t < leading; t++)
            LanczosResize.Resize(images.Bytes.Span.Slice(t * from, from), one[0], one[1], one[2], result.AsSpan(t * to, to), size.Height, size.Width);
        return new NdArray(DType.UInt8, changed.PerStep ? [leading, .. changed.Shape] : [.. changed.Shape], result);
    }

    private static bool Names(IReadOnlyCollection<string> list, RldsFeature feature) => list.Any(n => Is(n, feature));

    private static bool Is(string name, RldsFeature feature) => IsOrHolds(name, feature.Name) || IsOrHolds(name, feature.Key) || feature.PerStep && IsOrHolds(Observation + name, feature.Name);

    private static bool IsOrHolds(string name, string path) => path.StartsWith(name, StringComparison.Ordinal) && (path.Length == name.Length || path[name.Length] == '/');

    private static void Check(IReadOnlyCollection<string> asked, IReadOnlyList<RldsFeature> known, string what)
    {
        foreach (var name in asked)
        {
            if (!known.Any(f => Is(name, f)))
                throw new ArgumentException($"There is no {what} '{name}'; there are {string.Join(", ", known.Select(f => f.Name))}.");
        }
    }
}
