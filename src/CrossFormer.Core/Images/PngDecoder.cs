using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using CrossFormer.Formats;

namespace CrossFormer.Images;

/// <summary>
/// PNG (all colour types and depths, interlaced too) to samples, with TensorFlow's conversions. Ours because BigGustave
/// 1.0.6 and SkiaSharp 3.119 decode depth images of 16 bits to 8 bits only. Source: W3C PNG, third edition.
/// </summary>
internal static class PngDecoder
{
    private const uint Ihdr = 0x49484452, Plte = 0x504C5445, Trns = 0x74524E53, Idat = 0x49444154, Iend = 0x49454E44;

    // Deflate's best ratio: 258 bytes from two bits, and a little for the block headers.
    private const int MaxInflation = 1032;

    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private static readonly (int X, int Y, int StepX, int StepY)[] OnePass = [(0, 0, 1, 1)];

    public static ReadOnlySpan<byte> Magic => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public static ImageHeader ReadHeader(ReadOnlySpan<byte> data, string name)
    {
        var file = Walk(data, name, copyTo: null);
        return new ImageHeader(ImageFormat.Png, file.Height, file.Width, file.NaturalChannels, file.BitDepth);
    }

    /// <summary>Decodes to 8-bit or little-endian 16-bit samples.</summary>
    public static void Decode(ReadOnlySpan<byte> data, int channels, int bytesPerSample, Span<byte> destination, string name)
    {
        var compressed = ArrayPool<byte>.Shared.Rent(data.Length);
        try
        {
            var file = Walk(data, name, compressed);
            var expected = (long)file.Height * file.Width * channels * bytesPerSample;
            if (destination.Length != expected)
                throw new ArgumentException($"{name} decodes to {file.Height}x{file.Width}x{channels} = {expected} bytes, got room for {destination.Length}.", nameof(destination));
            if (channels < 3 && file.IsColour)
                throw new NotSupportedException($"{name}: a PNG in colour was asked for in grey. Decode it with 3 channels and weigh them yourself.");
            using var stream = new ZLibStream(new MemoryStream(compressed, 0, file.CompressedLength), CompressionMode.Decompress);
            Inflate(file, stream, channels, bytesPerSample, destination, name, data.Length);
        }
        catch (InvalidDataException e)
        {
            throw new CorruptFileException(name, data.Length, $"the PNG's compressed data is damaged ({e.Message})", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(compressed);
        }
    }

    private static void Inflate(PngFile file, ZLibStream stream, int channels, int bytesPerSample, Span<byte> destination, string name, int length)
    {
        var pixelBytes = channels * bytesPerSample;
        var rowBytes = file.RowBytes(file.Width);
        // Two rows with a filter byte each, and one converted row for the interlaced case.
        var buffer = ArrayPool<byte>.Shared.Rent((2 * (rowBytes + 1)) + (file.Width * pixelBytes));
        try
        {
            var converted = buffer.AsSpan(2 * (rowBytes + 1), file.Width * pixelBytes);
            foreach (var (x0, y0, stepX, stepY) in file.Interlaced ? Adam7 : OnePass)
            {
                var (columns, rows) = ((file.Width - x0 + stepX - 1) / stepX, (file.Height - y0 + stepY - 1) / stepY);
                if (columns == 0 || rows == 0)
                    continue;
                var passBytes = file.RowBytes(columns);
                Span<byte> previous = buffer.AsSpan(0, passBytes + 1), current = buffer.AsSpan(rowBytes + 1, passBytes + 1);
                previous.Clear();
                for (var row = 0; row < rows; row++)
                {
                    var read = stream.ReadAtLeast(current, current.Length, throwOnEndOfStream: false);
                    if (read < current.Length)
                        throw new CorruptFileException(name, length, $"the PNG's data ends in row {row} of {rows}");
                    if (!PngFilter.Undo(current[0], current[1..], previous[1..], file.FilterDistance))
                        throw new CorruptFileException(name, length, $"the PNG's row {row} has filter {current[0]}; there are 0 to 4");
                    var y = y0 + (row * stepY);
                    var line = destination.Slice(y * file.Width * pixelBytes, file.Width * pixelBytes);
                    if (stepX == 1)
                    {
                        file.Convert(current[1..], columns, channels, bytesPerSample, line);
                    }
                    else
                    {
                        file.Convert(current[1..], columns, channels, bytesPerSample, converted);
                        for (var i = 0; i < columns; i++)
                            converted.Slice(i * pixelBytes, pixelBytes).CopyTo(line[((x0 + (i * stepX)) * pixelBytes)..]);
                    }

                    var swap = previous;
                    previous = current;
                    current = swap;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        // Reading past the last row makes the stream check zlib's Adler-32.
        if (stream.ReadByte() >= 0)
            throw new CorruptFileException(name, length, "the PNG holds more rows than its header says");
    }

    // Reads the chunks, checks every CRC, and gathers the compressed data.
    private static PngFile Walk(ReadOnlySpan<byte> data, string name, byte[]? copyTo)
    {
        PngFile? file = null;
        var offset = Magic.Length;
        while (true)
        {
            if (data.Length - offset < 12)
                throw new CorruptFileException(name, offset, "the PNG ends before its IEND chunk");
            var size = BinaryPrimitives.ReadUInt32BigEndian(data[offset..]);
            var type = BinaryPrimitives.ReadUInt32BigEndian(data[(offset + 4)..]);
            if (size > data.Length - offset - 12)
                throw new CorruptFileException(name, offset, $"a PNG chunk of {size} bytes, {data.Length - offset - 12} left");
            var content = data.Slice(offset + 8, (int)size);
            var crc = BinaryPrimitives.ReadUInt32BigEndian(data[(offset + 8 + (int)size)..]);
            var computed = Crc32.HashToUInt32(data.Slice(offset + 4, (int)size + 4));
            if (crc != computed)
                throw new CorruptFileException(name, offset, $"PNG chunk CRC {crc:x8}, computed {computed:x8}");
            if (file is null && type != Ihdr)
                throw new CorruptFileException(name, offset, "expected a PNG's IHDR chunk first");
            switch (type)
            {
                case Ihdr when file is null:
                    file = PngFile.ReadHeader(content, name, offset);
                    break;
                case Ihdr:
                    throw new CorruptFileException(name, offset, "a second IHDR chunk");
                case Plte:
                    if (content.Length is 0 or > 768 || content.Length % 3 != 0)
                        throw new CorruptFileException(name, offset, $"a palette of {content.Length} bytes");
                    file!.Palette = content.ToArray();
                    break;
                case Trns:
                    file!.SetTransparency(content, name, offset);
                    break;
                case Idat:
                    if (copyTo is not null)
                        content.CopyTo(copyTo.AsSpan(file!.CompressedLength));
                    file!.CompressedLength += content.Length;
                    break;
                case Iend:
                    file!.Check(name, offset, MaxInflation);
                    return file;
                default:
                    // The first letter in capitals: the image cannot be shown without it.
                    if ((type & 0x20000000) == 0)
                        throw new CorruptFileException(name, offset, $"an unknown critical PNG chunk {type:x8}");
                    break;
            }

            offset += 12 + (int)size;
        }
    }
}
