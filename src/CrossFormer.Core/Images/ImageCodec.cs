using System.Runtime.InteropServices;
using CrossFormer.Arrays;
using CrossFormer.Formats;

namespace CrossFormer.Images;

/// <summary>
/// JPEG and PNG files to arrays and back. Decoding gives the pixels that the reference's <c>tf.io.decode_image</c> gives,
/// bit for bit, unless the system lacks libjpeg-turbo (<see cref="JpegCodecInUse"/>). Safe to call from many threads. Every
/// <c>name</c> is what errors call the image.
/// </summary>
public static class ImageCodec
{
    /// <summary>The most pixels that are decoded (8192x8192). Files that say more are refused before anything is allocated.</summary>
    public const int MaxPixels = 1 << 26;

    private static ReadOnlySpan<byte> JpegMagic => [0xFF, 0xD8, 0xFF];

    /// <summary>
    /// What decodes JPEG files here by default. When it is not exact, that has been said once, as a warning of
    /// <see cref="System.Diagnostics.Trace"/>.
    /// </summary>
    /// <exception cref="DllNotFoundException">Nothing does, or <c>CROSSFORMER_LIBTURBOJPEG</c> names a wrong file; says what to run.</exception>
    public static JpegCodecDescription JpegCodecInUse => JpegCodecs.InUse;

    /// <summary>The format by the first bytes.</summary>
    public static ImageFormat Sniff(ReadOnlySpan<byte> data) =>
        data.StartsWith(JpegMagic) ? ImageFormat.Jpeg : data.StartsWith(PngDecoder.Magic) ? ImageFormat.Png : ImageFormat.Unknown;

    /// <summary>Size and channels, without decoding.</summary>
    /// <exception cref="CorruptFileException">Neither JPEG nor PNG, damaged, or more than <see cref="MaxPixels"/>.</exception>
    /// <exception cref="DllNotFoundException">A JPEG, and no codec is there (<see cref="JpegCodecInUse"/>).</exception>
    public static ImageHeader ReadHeader(ReadOnlySpan<byte> data, string name = "image") => Sniff(data) switch
    {
        ImageFormat.Jpeg => JpegCodecs.Of(JpegMethod.Exact).ReadHeader(data, name),
        ImageFormat.Png => PngDecoder.ReadHeader(data, name),
        _ => throw Unknown(data, name),
    };

    /// <summary>Decodes an image file.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="channels">
    /// 1 grey, 3 RGB, 4 RGBA, or 0: as in the file. Grey is replicated to RGB, alpha is dropped (not blended) or, where
    /// the file has none, opaque. Colour to grey is possible for JPEG only (its luma).
    /// </param>
    /// <param name="dtype">
    /// uint8; or uint16; or float32 in [0, 1]. 16-bit PNG samples lose their low byte in uint8; 8-bit ones become 257·x in
    /// uint16 (PNG) or 256·x (JPEG), x/255 or 257·x/65535 in float32: all as the reference does.
    /// </param>
    /// <param name="name">What errors call the image.</param>
    /// <returns>[H, W, C] of <paramref name="dtype"/>.</returns>
    /// <exception cref="CorruptFileException">Neither JPEG nor PNG, truncated, damaged, or more than <see cref="MaxPixels"/>.</exception>
    /// <exception cref="NotSupportedException">CMYK, or a colour PNG asked for in grey.</exception>
    /// <exception cref="DllNotFoundException">A JPEG, and no codec is there (<see cref="JpegCodecInUse"/>).</exception>
    public static NdArray Decode(ReadOnlySpan<byte> data, int channels = 3, DType dtype = DType.UInt8, string name = "image")
    {
        CheckChannels(channels);
        if (dtype is not (DType.UInt8 or DType.UInt16 or DType.Float32))
            throw new ArgumentException($"Images decode to uint8, uint16 or float32, not {dtype.NumpyName()}.", nameof(dtype));
        var header = ReadHeader(data, name);
        var c = channels == 0 ? header.Channels : channels;
        var png = header.Format == ImageFormat.Png;
        var bytesPerSample = png && dtype != DType.UInt8 ? 2 : 1;
        var samples = new byte[checked(header.Height * header.Width * c * bytesPerSample)];
        if (png)
            PngDecoder.Decode(data, c, bytesPerSample, samples, name);
        else
            JpegCodecs.Of(JpegMethod.Exact).Decode(data, c, 8, samples, name);
        return new NdArray(dtype, [header.Height, header.Width, c], (dtype, png) switch
        {
            (DType.UInt16, false) => Convert<byte, ushort>(samples, 256),
            (DType.Float32, false) => Convert<byte, float>(samples, (float)(1.0 / 255)),
            (DType.Float32, true) => Convert<ushort, float>(samples, (float)(1.0 / 65535)),
            _ => samples,
        });
    }

    /// <summary>Decodes to uint8 into the caller's memory: the way of the control loop and the data engine.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="destination">Exactly height · width · <paramref name="channels"/> bytes; see <see cref="ReadHeader"/> and <see cref="ImageHeader.Scaled"/>.</param>
    /// <param name="channels">1, 3 or 4, as in <see cref="Decode"/>.</param>
    /// <param name="name">What errors call the image.</param>
    /// <param name="method">Which codec reads a JPEG; all but the default are inexact. Ignored for PNG.</param>
    /// <param name="eighths">
    /// At how many eighths of its size a JPEG is decoded, 1 to 8: faster, but another picture than decoding it whole and scaling
    /// it down. PNG can be decoded at 8 only.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another size.</exception>
    /// <exception cref="CorruptFileException">As in <see cref="Decode"/>; the destination then holds anything.</exception>
    public static void DecodeInto(
        ReadOnlySpan<byte> data, Span<byte> destination, int channels = 3, string name = "image", JpegMethod method = JpegMethod.Exact, int eighths = 8)
    {
        CheckChannels(channels);
        if (channels == 0)
            throw new ArgumentOutOfRangeException(nameof(channels), "Say how many channels the destination has.");
        switch (Sniff(data))
        {
            case ImageFormat.Jpeg:
                JpegCodecs.Of(method).Decode(data, channels, eighths, destination, name);
                break;
            case ImageFormat.Png when eighths != 8:
                throw new NotSupportedException($"{name}: a PNG is decoded at 8 eighths of its size only, not at {eighths}.");
            case ImageFormat.Png:
                PngDecoder.Decode(data, channels, 1, destination, name);
                break;
            default:
                throw Unknown(data, name);
        }
    }

    /// <summary>Encodes as baseline JPEG.</summary>
    /// <param name="image">uint8 [H, W, 3], [H, W, 1] or [H, W], at most 65500 a side.</param>
    /// <param name="quality">1 to 100, libjpeg's scale.</param>
    /// <param name="subsampling">Colour resolution; ignored for grey.</param>
    public static byte[] EncodeJpeg(NdArray image, int quality = 95, JpegSubsampling subsampling = JpegSubsampling.Half)
    {
        var (height, width, channels) = Shape(image);
        if (image.DType != DType.UInt8 || channels is not (1 or 3) || height > 65500 || width > 65500)
            throw new ArgumentException($"JPEG holds uint8[H,W,3] or [H,W,1] of at most 65500 a side, got {image}.", nameof(image));
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return JpegCodecs.Of(JpegMethod.Exact).Encode(image.Bytes.Span, height, width, channels, quality, subsampling);
    }

    /// <summary>Encodes as PNG, without loss.</summary>
    /// <param name="image">uint8 or uint16 [H, W, C] with 1 to 4 channels (grey, grey and alpha, RGB, RGBA), or [H, W].</param>
    public static byte[] EncodePng(NdArray image)
    {
        var (height, width, channels) = Shape(image);
        if (image.DType is not (DType.UInt8 or DType.UInt16) || channels is < 1 or > 4)
            throw new ArgumentException($"PNG holds uint8 or uint16 [H,W,1 to 4], got {image}.", nameof(image));
        return PngEncoder.Encode(image.Bytes.Span, height, width, channels, image.DType.Size());
    }

    internal static void CheckSize(long height, long width, string name)
    {
        if (height * width > MaxPixels)
            throw new CorruptFileException(name, 0, $"{height}x{width} pixels; at most {MaxPixels} are decoded");
    }

    private static void CheckChannels(int channels)
    {
        if (channels is not (0 or 1 or 3 or 4))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "Expected 0 (as in the file), 1, 3 or 4.");
    }

    private static (int Height, int Width, int Channels) Shape(NdArray image) => image.Shape switch
    {
        [> 0 and var h, > 0 and var w] => (h, w, 1),
        [> 0 and var h, > 0 and var w, var c] => (h, w, c),
        _ => throw new ArgumentException($"An image is [H,W,C] or [H,W] with at least one pixel, got {image}.", nameof(image)),
    };

    private static byte[] Convert<TFrom, TTo>(byte[] samples, float scale)
        where TFrom : unmanaged, System.Numerics.INumber<TFrom> where TTo : unmanaged, System.Numerics.INumber<TTo>
    {
        var from = MemoryMarshal.Cast<byte, TFrom>(samples.AsSpan());
        var result = new byte[from.Length * Marshal.SizeOf<TTo>()];
        var to = MemoryMarshal.Cast<byte, TTo>(result.AsSpan());
        for (var i = 0; i < from.Length; i++)
            to[i] = TTo.CreateTruncating(float.CreateTruncating(from[i]) * scale);
        return result;
    }

    private static CorruptFileException Unknown(ReadOnlySpan<byte> data, string name) => new(
        name, 0,
        data.IsEmpty
            ? "expected an image, found no bytes (datasets mark padding so: handle it before decoding)"
            : $"expected a JPEG (FF D8 FF …) or a PNG (89 50 4E 47 …), found {System.Convert.ToHexString(data[..Math.Min(8, data.Length)])}");
}
