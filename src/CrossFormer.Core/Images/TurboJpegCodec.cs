using System.Buffers;
using System.Runtime.InteropServices;
using CrossFormer.Formats;

namespace CrossFormer.Images;

/// <summary>
/// JPEG by libjpeg-turbo, with fancy chroma upsampling. With the fast integer DCT this is what TensorFlow does.
/// </summary>
/// <param name="dct"><see cref="TurboJpeg.FlagFastDct"/> or <see cref="TurboJpeg.FlagAccurateDct"/>, for decoding.</param>
internal sealed unsafe class TurboJpegCodec(int dct) : IJpegCodec
{
    public ImageHeader ReadHeader(ReadOnlySpan<byte> data, string name)
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

    public void Decode(ReadOnlySpan<byte> data, int channels, int eighths, Span<byte> destination, string name)
    {
        var codec = TurboJpeg.RentDecoder();
        var sound = false;
        try
        {
            fixed (byte* source = data)
            fixed (byte* pixels = destination)
            {
                var header = JpegCodecs.Fitting(ReadHeader(codec, source, data.Length, name), channels, eighths, destination, name);
                var format = channels switch { 1 => TurboJpeg.PixelGray, 3 => TurboJpeg.PixelRgb, _ => TurboJpeg.PixelRgba };
                var status = TurboJpeg.Decompress2(
                    codec, source, new CULong((nuint)data.Length), pixels, header.Width, 0, header.Height, format, dct | TurboJpeg.FlagLimitScans);
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

    public byte[] Encode(ReadOnlySpan<byte> pixels, int height, int width, int channels, int quality, JpegSubsampling subsampling)
    {
        var layout = channels == 1 ? TurboJpeg.SubsamplingGray : (int)subsampling;
        var size = TurboJpeg.BufSize(width, height, layout);
        // The bound is several times what comes out.
        var buffer = ArrayPool<byte>.Shared.Rent(checked((int)size.Value));
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

            return buffer.AsSpan(0, (int)size.Value).ToArray();
        }
        finally
        {
            TurboJpeg.ReturnEncoder(codec);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ImageHeader ReadHeader(TurboJpeg.Codec codec, byte* data, int length, string name)
    {
        var status = TurboJpeg.DecompressHeader3(codec, data, new CULong((nuint)length), out var width, out var height, out _, out var colorspace);
        if (status != 0)
            Check(codec, length, name);
        if (colorspace >= TurboJpeg.ColorspaceCmyk)
            throw new NotSupportedException($"{name}: a JPEG in CMYK. Convert it to RGB first.");
        return JpegCodecs.Checked(height, width, colorspace == TurboJpeg.ColorspaceGray, length, name);
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
