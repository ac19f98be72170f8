using System.Diagnostics;
using CrossFormer.Formats;

namespace CrossFormer.Images;

/// <summary>Finds the codec for each <see cref="JpegMethod"/>, and checks what all of them must refuse.</summary>
internal static class JpegCodecs
{
    // A Huffman-coded block of 8x8 costs at least one bit, so a byte holds at most 512 pixels. Twice that is refused
    // before anything is allocated: a header can say 65535x65535 in twenty bytes.
    private const int MaxPixelsPerByte = 1024;

    private static readonly TurboJpegCodec Accurate = new(TurboJpeg.FlagAccurateDct);
    private static readonly SkiaJpegCodec Bundled = new();
    private static readonly Lazy<(IJpegCodec Codec, JpegCodecDescription Description)> Exact = new(Choose);

    /// <summary>What <see cref="JpegMethod.Exact"/> has come to on this machine.</summary>
    /// <exception cref="DllNotFoundException">There is no codec at all, or the environment names a wrong file; says what to run.</exception>
    public static JpegCodecDescription InUse => Exact.Value.Description;

    /// <summary>The codec for a method.</summary>
    /// <exception cref="DllNotFoundException">As in <see cref="InUse"/>.</exception>
    public static IJpegCodec Of(JpegMethod method) => method switch
    {
        JpegMethod.Exact => Exact.Value.Codec,
        JpegMethod.AccurateDct => Accurate,
        JpegMethod.Bundled => Bundled,
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "Expected one of the enumeration's values."),
    };

    /// <summary>Makes a header of what a codec read, unless it asks for more than the file can hold.</summary>
    /// <exception cref="CorruptFileException">No pixels, or too many.</exception>
    public static ImageHeader Checked(int height, int width, bool isGrey, int length, string name)
    {
        if (width < 1 || height < 1)
            throw new CorruptFileException(name, 0, $"a JPEG of {height}x{width} pixels");
        ImageCodec.CheckSize(height, width, name);
        if ((long)height * width > (long)MaxPixelsPerByte * length)
            throw new CorruptFileException(name, 0, $"the JPEG header says {height}x{width} pixels, more than {length} bytes can hold");
        return new ImageHeader(ImageFormat.Jpeg, height, width, isGrey ? 1 : 3, 8);
    }

    /// <summary>The size that an image is decoded to, of which the destination must be.</summary>
    /// <exception cref="ArgumentException">The destination has another size.</exception>
    public static ImageHeader Fitting(ImageHeader header, int channels, int eighths, ReadOnlySpan<byte> destination, string name)
    {
        var scaled = header.Scaled(eighths);
        var expected = (long)scaled.Height * scaled.Width * channels;
        return destination.Length == expected ? scaled
            : throw new ArgumentException($"{name} decodes to {scaled.Height}x{scaled.Width}x{channels} = {expected} bytes, got room for {destination.Length}.", nameof(destination));
    }

    private static (IJpegCodec, JpegCodecDescription) Choose()
    {
        try
        {
            return (new TurboJpegCodec(TurboJpeg.FlagFastDct), new($"libjpeg-turbo, {TurboJpeg.LibraryPath}", true));
        }
        catch (DllNotFoundException e) when (!NamesAFile(Environment.GetEnvironmentVariable(TurboJpeg.EnvironmentVariable)) && SkiaJpegCodec.IsPresent)
        {
            const string description = "SkiaSharp's bundled codec, whose pixels are up to 12 of 255 levels off those that the models are trained on";
            Trace.TraceWarning($"JPEG files are read by {description}. {e.Message}");
            return (Bundled, new(description, false));
        }
    }

    // Who names a file wants that one, and hears when it cannot be loaded.
    private static bool NamesAFile(string? variable) => variable is { Length: > 0 } and not NativeLibraryFinder.None;
}
