using CrossFormer.Arrays;
using CrossFormer.Images;

namespace CrossFormer.Data.Conversion;

/// <summary>Makes of a frame the image file that a dataset stores. Thread-safe.</summary>
/// <param name="storage">Format, quality, size.</param>
/// <param name="swapRedBlue">Red and blue change places.</param>
/// <param name="upsideDown">The image is turned by 180 degrees.</param>
internal sealed class FrameEncoder(ImageStorage storage, bool swapRedBlue, bool upsideDown)
{
    /// <summary>Encodes a frame. A file whose pixels need no change is returned as it is.</summary>
    /// <param name="frame">uint8 pixels, or a JPEG or PNG file.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="reencode">Whether a file is encoded anew even if its pixels stay.</param>
    public ReadOnlyMemory<byte> Encode(SourceFrame frame, string name, bool reencode = false)
    {
        if (frame.Pixels is { } given)
            return Encode(Change(given));
        var header = ImageCodec.ReadHeader(frame.File.Span, name);
        var resizes = storage.Size is { } size && (size.Height, size.Width) != (header.Height, header.Width);
        return resizes || swapRedBlue || upsideDown || reencode
            ? Encode(Change(ImageCodec.Decode(frame.File.Span, header.Channels < 3 ? 1 : 3, name: name)))
            : frame.File;
    }

    /// <summary>Applies the changes to pixels.</summary>
    /// <param name="pixels">uint8 [H, W, C].</param>
    public NdArray Change(NdArray pixels)
    {
        if (swapRedBlue && pixels.Shape[2] >= 3)
            pixels = Map(pixels, static (source, target, c) =>
            {
                for (var i = 0; i < source.Length; i += c)
                {
                    source.Slice(i, c).CopyTo(target[i..]);
                    (target[i], target[i + 2]) = (source[i + 2], source[i]);
                }
            });
        if (upsideDown)
            pixels = Map(pixels, static (source, target, c) =>
            {
                for (int i = 0, j = source.Length - c; i < source.Length; i += c, j -= c)
                    source.Slice(i, c).CopyTo(target[j..]);
            });
        return storage.Size is { } size ? LanczosResize.Resize(pixels, size.Height, size.Width) : pixels;
    }

    private static NdArray Map(NdArray pixels, Action<ReadOnlySpan<byte>, Span<byte>, int> write)
    {
        var result = new byte[pixels.Bytes.Length];
        write(pixels.Bytes.Span, result, pixels.Shape[2]);
        return new NdArray(DType.UInt8, pixels.Shape, result);
    }

    private byte[] Encode(NdArray pixels) =>
        storage.Format == ImageFormat.Png ? ImageCodec.EncodePng(pixels) : ImageCodec.EncodeJpeg(WithoutAlpha(pixels), storage.JpegQuality);

    private static NdArray WithoutAlpha(NdArray pixels)
    {
        if (pixels.Shape[2] != 4)
            return pixels;
        var source = pixels.AsSpan<byte>();
        var rgb = new byte[source.Length / 4 * 3];
        for (int i = 0, j = 0; i < source.Length; i += 4, j += 3)
            source.Slice(i, 3).CopyTo(rgb.AsSpan(j));
        return new NdArray(DType.UInt8, [pixels.Shape[0], pixels.Shape[1], 3], rgb);
    }
}
