using System.Runtime.InteropServices;
using CrossFormer.Formats;

namespace CrossFormer.Images;

/// <summary>
/// JPEG as TensorFlow decodes it: libjpeg-turbo with the fast integer DCT and fancy chroma upsampling. The accurate DCT,
/// most codecs' default, differs by one level in the mean and by up to twelve.
/// </summary>
internal static unsafe class JpegCodec
{
    // A Huffman-coded block of 8x8 costs at least one bit, so a byte holds at most 512 pixels. Twice that is refused
    // before anything is allocated: a header can say 65535x65535 in twenty bytes.
    private const int MaxPixelsPerByte = 1024;

    public static ImageHeader ReadHeader(ReadOnlySpan<byte> data, string name)
    {
        var codec = TurboJpeg.RentDecoder();
        var sound = false;
        try
        {
            fixed (byte* source = data)
            {
                var header = ReadHeader(codec, source, data.Length, name);
                sound = true;
                return header;
            }
        }
        finally
        {
            Return(codec, sound);
        }
    }

    public static void Decode(ReadOnlySpan<byte> data, int channels, Span<byte> destination, string name)
    {
        var codec = TurboJpeg.RentDecoder();
        var sound = false;
        try
        {
            fixed (byte* source = data)
            fixed (byte* pixels = destination)
            {
                var header = ReadHeader(codec, source, data.Length, name);
                var expected = (long)header.Height * header.Width * channels;
                if (destination.Length != expected)
                    throw new ArgumentException($"{name} decodes to {header.Height}x{header.Width}x{channels} = {expected} bytes, got room for {destination.Length}.", nameof(destination));
                var format = channels switch { 1 => TurboJpeg.PixelGray, 3 => TurboJpeg.PixelRgb, _ => TurboJpeg.PixelRgba };
                var status = TurboJpeg.Decompress2(
                    codec, source, new CULong((nuint)data.Length), pixels, header.Width, 0, header.Height, format, TurboJpeg.FlagFastDct | TurboJpeg.FlagLimitScans);
                if (status != 0)
                    Check(codec, data.Length, name);
                sound = status == 0;
            }
        }
        finally
        {
            Return(codec, sound);
        }
    }

    // A decoder keeps the Huffman tables of the file before. After a damaged one they may be damaged too, and the next sound
    // frame of a camera would fail: such a decoder is not used again.
    private static void Return(TurboJpeg.Codec codec, bool sound)
    {
        if (sound)
            TurboJpeg.ReturnDecoder(codec);
        else
            codec.Dispose();
    }

    public static byte[] Encode(ReadOnlySpan<byte> pixels, int height, int width, int channels, int quality, JpegSubsampling subsampling)
    {
        var layout = channels == 1 ? TurboJpeg.SubsamplingGray : (int)subsampling;
        var size = TurboJpeg.BufSize(width, height, layout);
        var buffer = new byte[checked((int)size.Value)];
        var codec = TurboJpeg.RentEncoder();
        try
        {
            fixed (byte* source = pixels)
            fixed (byte* start = buffer)
            {
                var data = start;
                var status = TurboJpeg.Compress2(
                    codec, source, width, 0, height, channels == 1 ? TurboJpeg.PixelGray : TurboJpeg.PixelRgb, ref data, ref size, layout, quality,
                    TurboJpeg.FlagNoRealloc | TurboJpeg.FlagAccurateDct);
                if (status != 0)
                    throw new InvalidOperationException($"TurboJPEG could not encode {height}x{width}x{channels} at quality {quality}: {TurboJpeg.Message(codec)}");
            }
        }
        finally
        {
            TurboJpeg.ReturnEncoder(codec);
        }

        return buffer[..(int)size.Value];
    }

    private static ImageHeader ReadHeader(TurboJpeg.Codec codec, byte* data, int length, string name)
    {
        var status = TurboJpeg.DecompressHeader3(codec, data, new CULong((nuint)length), out var width, out var height, out _, out var colorspace);
        if (status != 0)
            Check(codec, length, name);
        if (width < 1 || height < 1)
            throw new CorruptFileException(name, 0, $"a JPEG of {height}x{width} pixels");
        ImageCodec.CheckSize(height, width, name);
        if ((long)height * width > (long)MaxPixelsPerByte * length)
            throw new CorruptFileException(name, 0, $"the JPEG header says {height}x{width} pixels, more than {length} bytes can hold");
        if (colorspace >= TurboJpeg.ColorspaceCmyk)
            throw new NotSupportedException($"{name}: a JPEG in CMYK. Convert it to RGB first.");
        return new ImageHeader(ImageFormat.Jpeg, height, width, colorspace == TurboJpeg.ColorspaceGray ? 1 : 3, 8);
    }

    // As TensorFlow: a file that ends early is refused, other warnings are not (USB cameras leave stray bytes before
    // markers). We also refuse a scan that ends early with its marker in place, which TensorFlow fills with grey.
    private static void Check(TurboJpeg.Codec codec, int length, string name)
    {
        var message = TurboJpeg.Message(codec);
        if (TurboJpeg.GetErrorCode(codec) != TurboJpeg.ErrorWarning)
            throw new CorruptFileException(name, 0, $"no readable JPEG: {message}");
        if (message.Contains("remature end", StringComparison.Ordinal))
            throw new CorruptFileException(name, length, $"the JPEG ends early: {message}");
    }
}
