using System.Buffers;
using System.Runtime.InteropServices;
using CrossFormer.Formats;
using SkiaSharp;

namespace CrossFormer.Images;

/// <summary>
/// JPEG by SkiaSharp, which brings its own libjpeg-turbo for every platform but offers only the accurate DCT: what is left
/// where the system has no libjpeg-turbo. Four bytes a pixel and a copy make it slower.
/// </summary>
internal sealed unsafe class SkiaJpegCodec : IJpegCodec
{
    /// <summary>Whether the package's native library can be loaded.</summary>
    public static bool IsPresent => NativeLibrary.TryLoad("libSkiaSharp", typeof(SKCodec).Assembly, DllImportSearchPath.AssemblyDirectory, out _);

    public ImageHeader ReadHeader(ReadOnlySpan<byte> data, string name)
    {
        fixed (byte* source = data)
        {
            using var codec = Open((nint)source, data.Length, name);
            return Header(codec, data.Length, name);
        }
    }

    public void Decode(ReadOnlySpan<byte> data, int channels, int eighths, Span<byte> destination, string name)
    {
        fixed (byte* source = data)
        {
            using var codec = Open((nint)source, data.Length, name);
            var header = Header(codec, data.Length, name);
            var scaled = JpegCodecs.Fitting(header, channels, eighths, destination, name);
            // Without a colour space there is no conversion of colours, as in the reference.
            var info = new SKImageInfo(scaled.Width, scaled.Height, header.Channels == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888, SKAlphaType.Opaque);
            var pixels = ArrayPool<byte>.Shared.Rent(info.BytesSize);
            try
            {
                fixed (byte* target = pixels)
                    Check(codec.GetPixels(info, (nint)target, info.RowBytes, SKCodecOptions.Default), data.Length, name);
                Convert(pixels.AsSpan(0, info.BytesSize), info.BytesPerPixel, destination, channels);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(pixels);
            }
        }
    }

    public byte[] Encode(ReadOnlySpan<byte> pixels, int height, int width, int channels, int quality, JpegSubsampling subsampling)
    {
        var info = new SKImageInfo(width, height, channels == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888, SKAlphaType.Opaque);
        var source = new byte[info.BytesSize];
        Convert(pixels, channels, source, info.BytesPerPixel);
        var downsampling = subsampling switch
        {
            JpegSubsampling.Full => SKJpegEncoderDownsample.Downsample444,
            JpegSubsampling.HalfWidth => SKJpegEncoderDownsample.Downsample422,
            _ => SKJpegEncoderDownsample.Downsample420,
        };
        fixed (byte* start = source)
        {
            using var map = new SKPixmap(info, (nint)start);
            using var file = map.Encode(new SKJpegEncoderOptions(quality, downsampling, SKJpegEncoderAlphaOption.Ignore))
                ?? throw new InvalidOperationException($"SkiaSharp could not encode {height}x{width}x{channels} at quality {quality}.");
            return file.ToArray();
        }
    }

    // The data must outlive the codec, which reads it as it goes.
    private static SKCodec Open(nint data, int length, string name)
    {
        using var wrapped = SKData.Create(data, length);
        return SKCodec.Create(wrapped) ?? throw new CorruptFileException(name, 0, "no readable JPEG");
    }

    private static ImageHeader Header(SKCodec codec, int length, string name) =>
        JpegCodecs.Checked(codec.Info.Height, codec.Info.Width, codec.Info.ColorType == SKColorType.Gray8, length, name);

    private static void Check(SKCodecResult result, int length, string name)
    {
        if (result == SKCodecResult.IncompleteInput)
            throw new CorruptFileException(name, length, "the JPEG ends early");
        if (result != SKCodecResult.Success)
            throw new CorruptFileException(name, 0, $"no readable JPEG: {result}");
    }

    private static void Convert(ReadOnlySpan<byte> source, int from, Span<byte> destination, int to)
    {
        if (from == to)
        {
            source.CopyTo(destination);
            return;
        }

        for (int i = 0, j = 0; j < destination.Length; i += from, j += to)
        {
            var pixel = source.Slice(i, from);
            var target = destination.Slice(j, to);
            if (to == 1)
                target[0] = (byte)(((299 * pixel[0]) + (587 * pixel[1]) + (114 * pixel[2]) + 500) / 1000);
            else if (from == 1)
                target[..3].Fill(pixel[0]);
            else
                pixel[..3].CopyTo(target);
            if (to == 4)
                target[3] = byte.MaxValue;
        }
    }
}
