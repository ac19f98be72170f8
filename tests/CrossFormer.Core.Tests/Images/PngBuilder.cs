using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace CrossFormer.Core.Tests.Images;

/// <summary>Writes PNG files of any kind, well-formed or not, chunk by chunk.</summary>
internal sealed class PngBuilder
{
    private readonly MemoryStream _file = new();

    public PngBuilder(int width, int height, byte depth, byte colourType, byte interlace = 0)
    {
        _file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (depth, colourType, interlace);
        Chunk("IHDR", header);
    }

    public PngBuilder Chunk(string type, params byte[] content)
    {
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        _file.Write(number);
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. content];
        _file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(body));
        _file.Write(number);
        return this;
    }

    /// <summary>Rows with their filter bytes, compressed into one IDAT chunk.</summary>
    public PngBuilder Data(params byte[] rows)
    {
        using var compressed = new MemoryStream();
        using (var stream = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(rows);
        return Chunk("IDAT", compressed.ToArray());
    }

    public byte[] Build()
    {
        Chunk("IEND");
        return _file.ToArray();
    }
}
