using System.Buffers.Binary;
using System.Runtime.InteropServices;
using CrossFormer.Formats;

namespace CrossFormer.Images;

/// <summary>A PNG's header chunks, and what its rows mean.</summary>
internal sealed class PngFile
{
    private const int Gray = 0, Rgb = 2, Indexed = 3, GrayAlpha = 4, Rgba = 6;

    private int _colourType;

    // The colour that is transparent (grey and RGB), in file depth.
    private ushort[]? _transparentColour;

    // Alpha by palette index; the rest is opaque.
    private byte[] _paletteAlpha = [];

    public int Width { get; private init; }

    public int Height { get; private init; }

    public int BitDepth { get; private init; }

    public bool Interlaced { get; private init; }

    public byte[]? Palette { get; set; }

    public int CompressedLength { get; set; }

    public bool IsColour => _colourType is Rgb or Indexed or Rgba;

    /// <summary>As TensorFlow counts: a palette's transparency makes RGBA, a transparent colour does not.</summary>
    public int NaturalChannels => _colourType == Indexed ? (_paletteAlpha.Length > 0 ? 4 : 3) : FileChannels;

    /// <summary>Bytes that the filters look back.</summary>
    public int FilterDistance => Math.Max(1, FileChannels * BitDepth / 8);

    private int FileChannels => _colourType switch { Rgb => 3, GrayAlpha => 2, Rgba => 4, _ => 1 };

    public static PngFile ReadHeader(ReadOnlySpan<byte> content, string name, int offset)
    {
        if (content.Length != 13)
            throw new CorruptFileException(name, offset, $"an IHDR chunk of {content.Length} bytes; it has 13");
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(content), BinaryPrimitives.ReadUInt32BigEndian(content[4..]));
        var (depth, type) = (content[8], content[9]);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
            throw new CorruptFileException(name, offset, $"a PNG of {height}x{width} pixels");
        ImageCodec.CheckSize(height, width, name);
        var known = type switch
        {
            Gray => depth is 1 or 2 or 4 or 8 or 16,
            Indexed => depth is 1 or 2 or 4 or 8,
            Rgb or GrayAlpha or Rgba => depth is 8 or 16,
            _ => false,
        };
        if (!known || content[10] != 0 || content[11] != 0 || content[12] > 1)
            throw new CorruptFileException(name, offset, $"PNG colour type {type}, depth {depth}, compression {content[10]}, filter {content[11]}, interlace {content[12]}");
        return new PngFile { Width = (int)width, Height = (int)height, BitDepth = depth, _colourType = type, Interlaced = content[12] == 1 };
    }

    public void SetTransparency(ReadOnlySpan<byte> content, string name, int offset)
    {
        if (_colourType == Indexed && content.Length is > 0 and <= 256)
        {
            _paletteAlpha = content.ToArray();
        }
        else if ((_colourType, content.Length) is (Gray, 2) or (Rgb, 6))
        {
            _transparentColour = MemoryMarshal.Cast<byte, ushort>(content).ToArray();
            for (var i = 0; i < _transparentColour.Length; i++)
                _transparentColour[i] = BinaryPrimitives.ReverseEndianness(_transparentColour[i]);
        }
        else
        {
            throw new CorruptFileException(name, offset, $"a tRNS chunk of {content.Length} bytes for colour type {_colourType}");
        }
    }

    /// <summary>At the end of the chunks: everything needed is there, and there is enough to inflate.</summary>
    public void Check(string name, int offset, int maxInflation)
    {
        if (_colourType == Indexed && Palette is null)
            throw new CorruptFileException(name, offset, "an indexed PNG without a palette");
        var bytes = (long)RowBytes(Width) * Height;
        if (bytes > (long)maxInflation * CompressedLength)
            throw new CorruptFileException(name, offset, $"{Height}x{Width} pixels need {bytes} bytes, more than {CompressedLength} compressed bytes can hold");
    }

    public int RowBytes(int columns) => checked((int)((((long)columns * FileChannels * BitDepth) + 7) / 8));

    /// <summary>One unfiltered row to <paramref name="channels"/> samples a pixel of one or two (little-endian) bytes.</summary>
    public void Convert(ReadOnlySpan<byte> row, int columns, int channels, int bytesPerSample, Span<byte> destination)
    {
        if (BitDepth == 8 && bytesPerSample == 1 && channels == FileChannels && _colourType != Indexed)
        {
            row[..(columns * channels)].CopyTo(destination);
            return;
        }

        var colours = channels < 3 ? 1 : 3;
        var hasAlpha = channels is 2 or 4;
        Span<ushort> pixel = stackalloc ushort[4];
        for (var x = 0; x < columns; x++)
        {
            ReadPixel(row, x, pixel, bytesPerSample);
            for (var c = 0; c < channels; c++)
            {
                var value = pixel[hasAlpha && c == channels - 1 ? 3 : colours == 1 ? 0 : c];
                if (bytesPerSample == 1)
                    destination[(x * channels) + c] = (byte)value;
                else
                    BinaryPrimitives.WriteUInt16LittleEndian(destination[(2 * ((x * channels) + c))..], value);
            }
        }
    }

    // Red, green, blue, alpha, scaled to the output's depth.
    private void ReadPixel(ReadOnlySpan<byte> row, int x, Span<ushort> pixel, int bytesPerSample)
    {
        if (_colourType == Indexed)
        {
            var index = Sample(row, x);
            for (var c = 0; c < 3; c++)
            {
                // An index beyond the palette is black, as libpng has it.
                pixel[c] = Scale((3 * index) + c < Palette!.Length ? Palette[(3 * index) + c] : (ushort)0, 8, bytesPerSample);
            }

            pixel[3] = Scale(index < _paletteAlpha.Length ? _paletteAlpha[index] : (ushort)255, 8, bytesPerSample);
            return;
        }

        var opaque = _transparentColour is null;
        var colours = IsColour ? 3 : 1;
        for (var c = 0; c < colours; c++)
        {
            var sample = Sample(row, (x * FileChannels) + c);
            opaque |= _transparentColour is not null && sample != _transparentColour[c];
            pixel[c] = Scale(sample, BitDepth, bytesPerSample);
        }

        if (colours == 1)
            pixel[1] = pixel[2] = pixel[0];
        pixel[3] = _colourType is GrayAlpha or Rgba
            ? Scale(Sample(row, (x * FileChannels) + colours), BitDepth, bytesPerSample)
            : opaque ? (ushort)(bytesPerSample == 1 ? 255 : 65535) : (ushort)0;
    }

    private ushort Sample(ReadOnlySpan<byte> row, int i) => BitDepth switch
    {
        16 => BinaryPrimitives.ReadUInt16BigEndian(row[(2 * i)..]),
        8 => row[i],
        // The leftmost pixel is in the high bits.
        _ => (ushort)((row[i * BitDepth / 8] >> (8 - BitDepth - (i * BitDepth % 8))) & ((1 << BitDepth) - 1)),
    };

    // Low depths spread over the whole byte; 16 bits lose the low byte; 8 bits are repeated to 16. All as libpng.
    private static ushort Scale(ushort sample, int depth, int bytesPerSample)
    {
        if (depth == 16)
            return bytesPerSample == 2 ? sample : (ushort)(sample >> 8);
        var value = sample * 255 / ((1 << depth) - 1);
        return (ushort)(bytesPerSample == 2 ? value * 257 : value);
    }
}
