using System.Buffers.Binary;
using System.IO.Compression;
using ZstdSharp;

namespace CrossFormer.Formats;

/// <summary>How a chunk's bytes are compressed.</summary>
internal enum ChunkCompressor
{
    None,
    Zstd,
    Gzip,
    Zlib,
}

/// <summary>Undoes a chunk's compression and checks its checksum.</summary>
/// <param name="Compressor">The compressor, if any.</param>
/// <param name="HasChecksum">A CRC32C (u32 little-endian) follows the compressed bytes.</param>
internal sealed record ChunkCodec(ChunkCompressor Compressor, bool HasChecksum = false)
{
    /// <summary>A zstd block of 4 bytes can stand for 128 KiB, and nothing here does more with less.</summary>
    public const long MaxRatio = 32768;

    /// <summary>Frame headers aside, what <see cref="MaxRatio"/> must leave room for.</summary>
    private const long RatioSlack = 1 << 16;

    /// <summary>Refuses a decoded size that so few bytes cannot hold, before memory is taken for it.</summary>
    public void CheckSize(ByteSource chunk, long decodedBytes)
    {
        var expected = decodedBytes + (HasChecksum ? sizeof(uint) : 0);
        if (decodedBytes > Array.MaxLength || (Compressor == ChunkCompressor.None ? chunk.Length != expected : decodedBytes - RatioSlack > chunk.Length * MaxRatio))
            throw chunk.Corrupt(0, $"expected a chunk that decodes to {decodedBytes} bytes, found {chunk.Length} bytes ({Compressor})");
    }

    /// <summary>Decodes a chunk; the caller has called <see cref="CheckSize"/>.</summary>
    /// <param name="chunk">The stored bytes.</param>
    /// <param name="destination">Exactly the chunk's decoded bytes.</param>
    public void Decode(ByteSource chunk, Span<byte> destination)
    {
        if (Compressor == ChunkCompressor.None && !HasChecksum)
        {
            chunk.Read(0, destination);
            return;
        }

        ReadOnlyMemory<byte> encoded = chunk.ReadAll();
        if (HasChecksum)
            encoded = CheckAndStrip(chunk, encoded);
        if (Compressor == ChunkCompressor.None)
        {
            encoded.Span.CopyTo(destination);
            return;
        }

        int decoded;
        try
        {
            decoded = Compressor == ChunkCompressor.Zstd ? Zstd(encoded.Span, destination) : Deflate(encoded, destination);
        }
        catch (Exception e) when (e is ZstdException or InvalidDataException)
        {
            throw chunk.Corrupt(0, $"a chunk that does not decode as {Compressor} to {destination.Length} bytes: {e.Message}", e);
        }

        if (decoded != destination.Length)
            throw chunk.Corrupt(0, $"expected a chunk of {destination.Length} bytes, found {(decoded < destination.Length ? decoded : "more")}");
    }

    /// <summary>Checks the CRC32C at the end and takes it off.</summary>
    public static ReadOnlyMemory<byte> CheckAndStrip(ByteSource source, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < sizeof(uint))
            throw source.Corrupt(0, $"expected a CRC32C at the end, found {bytes.Length} bytes");
        var (body, stored) = (bytes[..^sizeof(uint)], BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[^sizeof(uint)..]));
        var computed = Crc32C.Compute(body.Span);
        return computed == stored
            ? body
            : throw source.Corrupt(body.Length, $"wrong CRC32C: the file says {stored:x8}, its bytes give {computed:x8}");
    }

    private static int Zstd(ReadOnlySpan<byte> encoded, Span<byte> destination)
    {
        using var decompressor = new Decompressor();
        return decompressor.Unwrap(encoded, destination);
    }

    // One byte more than fits is asked for, so that a chunk which is too long is noticed.
    private int Deflate(ReadOnlyMemory<byte> encoded, Span<byte> destination)
    {
        using var source = new MemoryStream(encoded.ToArray(), writable: false);
        using Stream stream = Compressor == ChunkCompressor.Gzip ? new GZipStream(source, CompressionMode.Decompress) : new ZLibStream(source, CompressionMode.Decompress);
        var filled = stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        return filled == destination.Length && stream.ReadByte() >= 0 ? filled + 1 : filled;
    }
}
