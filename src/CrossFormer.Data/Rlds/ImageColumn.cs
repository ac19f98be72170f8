using CrossFormer.Arrays;
using CrossFormer.Formats;
using CrossFormer.Images;

namespace CrossFormer.Data.Rlds;

/// <summary>Images, kept encoded until asked for.</summary>
public sealed class ImageColumn : RldsColumn
{
    private readonly ReadOnlyMemory<byte>[] _encoded;
    private readonly long[] _offsets;
    private readonly string _file;

    /// <summary>Wraps image files that are to be written, one a step or entry.</summary>
    /// <param name="feature">A feature of images.</param>
    /// <param name="encoded">JPEG or PNG files.</param>
    /// <exception cref="ArgumentException">The feature holds no images, or an entry is neither JPEG nor PNG.</exception>
    public ImageColumn(RldsFeature feature, IReadOnlyCollection<ReadOnlyMemory<byte>> encoded) : this(feature, "image", [.. encoded], new long[encoded.Count])
    {
        if (feature.Kind != RldsFeatureKind.Image)
            throw new ArgumentException($"'{feature.Key}': expected {feature}, got images.", nameof(feature));
        // TFDS cannot decode anything else, an empty file neither.
        if (Array.FindIndex(_encoded, e => ImageCodec.Sniff(e.Span) == ImageFormat.Unknown) is >= 0 and var bad)
            throw new ArgumentException($"'{feature.Key}': image {bad} is neither JPEG nor PNG ({_encoded[bad].Length} bytes).", nameof(encoded));
    }

    internal ImageColumn(RldsFeature feature, string file, ReadOnlyMemory<byte>[] encoded, long[] offsets) : base(feature) =>
        (_file, _encoded, _offsets) = (file, encoded, offsets);

    /// <summary>
    /// The image files (JPEG or PNG: look at the magic bytes, features.json is no witness). They share the record's memory,
    /// so whoever keeps one of them long should copy it.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Encoded => _encoded;

    /// <inheritdoc/>
    public override int Count => _encoded.Length;

    /// <summary>Decodes one image to the pixels that TFDS gives.</summary>
    /// <param name="index">Its number, counted from 0; for steps, the step.</param>
    /// <returns>
    /// [height, width, channels] of the feature's dtype and channels (grey is repeated into three, alpha is dropped), at the
    /// file's own size. A float32 feature is depth: its RGBA PNG holds a float's four bytes per pixel.
    /// </returns>
    /// <exception cref="CorruptFileException">The image is damaged; the offset is the image's place in the shard.</exception>
    public NdArray Decode(int index)
    {
        var dtype = Feature.DType!.Value;
        try
        {
            if (dtype != DType.Float32)
                return ImageCodec.Decode(_encoded[index].Span, Feature.Shape[2], dtype);
            var rgba = ImageCodec.Decode(_encoded[index].Span, channels: 4);
            return new NdArray(DType.Float32, [rgba.Shape[0], rgba.Shape[1], 1], rgba.Bytes);
        }
        catch (CorruptFileException e)
        {
            throw new CorruptFileException(_file, _offsets[index] + e.Offset, $"image {index} of '{Feature.Key}' is damaged ({e.Message})", e);
        }
    }
}
