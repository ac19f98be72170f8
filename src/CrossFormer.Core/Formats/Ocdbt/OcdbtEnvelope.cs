using System.Buffers.Binary;
using ZstdSharp;

namespace CrossFormer.Formats;

/// <summary>
/// What surrounds every OCDBT node: magic u32 big-endian, length u64 of the whole, version, compression, body, CRC32C.
/// Source: TensorStore, kvstore/ocdbt/index.rst and format/codec_util.cc.
/// </summary>
internal static class OcdbtEnvelope
{
    public const uint Manifest = 0x0cdb3a2a;
    public const uint TreeNode = 0x0cdb20de;

    /// <summary>Nodes are split at 8 MiB or so; a node that decodes to more than this is an attack on memory.</summary>
    private const int MaxDecodedBytes = 128 << 20;
    private const int HeadBytes = 4 + 8 + 1 + 1;
    private const int ChecksumBytes = 4;

    /// <summary>Checks a node's envelope and decodes its body.</summary>
    public static OcdbtCursor Decode(ByteSource node, uint magic)
    {
        if (node.Length < HeadBytes + ChecksumBytes)
            throw node.Corrupt(0, $"expected an OCDBT node of at least {HeadBytes + ChecksumBytes} bytes, found {node.Length}");
        Span<byte> head = stackalloc byte[HeadBytes];
        node.Read(0, head);
        if (BinaryPrimitives.ReadUInt32BigEndian(head) is var found && found != magic)
            throw node.Corrupt(0, $"expected the magic number {magic:x8}, found {found:x8}");
        if (BinaryPrimitives.ReadUInt64LittleEndian(head[4..]) is var length && length != (ulong)node.Length)
            throw node.Corrupt(4, $"expected a node of {node.Length} bytes, found {length}");
        var body = ChunkCodec.CheckAndStrip(node, node.ReadAll(MaxDecodedBytes));
        if (head[12] != 0)
            throw node.Corrupt(12, $"expected format version 0, found {head[12]}");
        return head[13] switch
        {
            0 => new OcdbtCursor(node, body[HeadBytes..]),
            1 => new OcdbtCursor(node, Decompress(node, body[HeadBytes..])),
            var compression => throw node.Corrupt(13, $"expected compression 0 (none) or 1 (zstd), found {compression}"),
        };
    }

    // Grows with what is really decoded.
    private static ReadOnlyMemory<byte> Decompress(ByteSource node, ReadOnlyMemory<byte> body)
    {
        using var stream = new DecompressionStream(new MemoryStream(body.ToArray(), writable: false));
        var decoded = new MemoryStream();
        var buffer = new byte[Math.Min(1 << 16, Math.Max(64, 4 * body.Length))];
        try
        {
            for (int n; (n = stream.Read(buffer)) > 0;)
            {
                decoded.Write(buffer, 0, n);
                if (decoded.Length > MaxDecodedBytes)
                    throw node.Corrupt(HeadBytes, $"a node that decodes to more than {MaxDecodedBytes} bytes");
            }
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException)
        {
            throw node.Corrupt(HeadBytes, $"a node's body that is no zstd stream: {e.Message}", e);
        }

        return decoded.GetBuffer().AsMemory(0, (int)decoded.Length);
    }
}
