using CrossFormer.Data.Frames;
using CrossFormer.Images;

namespace CrossFormer.Data.Conversion;

/// <summary>How a dataset's images are stored.</summary>
public sealed record ImageStorage
{
    /// <summary>
    /// <see cref="ImageFormat.Jpeg"/> (default) or, without loss and several times larger, <see cref="ImageFormat.Png"/>. Image
    /// files of the source whose pixels stay as they are stay as they are themselves.
    /// </summary>
    public ImageFormat Format { get; init; } = ImageFormat.Jpeg;

    /// <summary>1 to 100, libjpeg's scale; 95 by default, as TFDS. Ignored for PNG.</summary>
    public int JpegQuality { get; init; } = 95;

    /// <summary>Size that images are resized to (Lanczos, as the reference resizes); null (default): they keep their own.</summary>
    public ImageSize? Size { get; init; }

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal void Check()
    {
        if (Format is not (ImageFormat.Jpeg or ImageFormat.Png))
            throw new ArgumentException("Images are stored as JPEG or PNG.");
        if (JpegQuality is < 1 or > 100)
            throw new ArgumentException($"JPEG quality: expected 1 to 100, got {JpegQuality}.");
        if (Size is { } size && (size.Height < 1 || size.Width < 1 || (long)size.Height * size.Width > ImageCodec.MaxPixels))
            throw new ArgumentException($"Image size: expected 1x1 to {ImageCodec.MaxPixels} pixels, got {size}.");
    }
}
