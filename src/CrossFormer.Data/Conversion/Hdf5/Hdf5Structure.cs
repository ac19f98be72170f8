using System.Buffers.Binary;

namespace CrossFormer.Data.Conversion.Hdf5;

/// <summary>
/// Looks at the structures of an HDF5 file before its library does, which allocates every length as it stands there, up to 2 GiB.
/// Source: HDF5 File Format Specification 3.0, III (heaps) and IV (object headers).
/// </summary>
/// <param name="file">The file.</param>
internal sealed class Hdf5Structure(LeashedFile file)
{
    private const int MostBlocks = 1 << 12;

    private static readonly byte[] Signature = [0x89, .. "HDF\r\n"u8, 0x1A, (byte)'\n'];

    private readonly long _base = Base(file);

    /// <summary>Whether values are being read: one byte of them may look like the beginning of an object header of version 1.</summary>
    public bool IsInValues { get; set; }

    /// <summary>Checks what begins at a place.</summary>
    /// <param name="at">The place.</param>
    /// <param name="count">How many bytes of it the library reads first.</param>
    /// <exception cref="InvalidDataException">A length leads out of what it belongs to.</exception>
    public void Check(long at, int count)
    {
        var head = file.Peek(at, 32);
        if (head.Length < 32)
            return;
        if (head.AsSpan().StartsWith("OHDR"u8))
            CheckHeader2(at, head);
        else if (head.AsSpan().StartsWith("HEAP"u8) || head.AsSpan().StartsWith("GCOL"u8))
            CheckHeap(at, Number(head, 8, 8), isGlobal: head[0] == 'G');
        else if (head.AsSpan().StartsWith("FAHD"u8) && Number(head, 8, 8) is var entries && entries > (ulong)file.Length / Math.Max(head[6], (byte)1))
            throw Damaged("an index of chunks", at, entries);
        else if (head[0] == 1 && count == 1 && !IsInValues)
            CheckMessages(new Block(at + 16, Number(head, 8, 4)), isVersion1: true, prefix: 8);
    }

    // A user's block may stand before the superblock, and all addresses count from that.
    private static long Base(LeashedFile file)
    {
        var at = 0L;
        for (var step = 512L; at < file.Length; at = step, step *= 2)
        {
            if (file.Peek(at, 8).AsSpan().SequenceEqual(Signature))
                return at;
        }

        return 0;
    }

    private static InvalidDataException Damaged(string what, long at, ulong size) => new($"{what} at byte {at} says {size} bytes, which is more than there are");

    private static ulong Number(ReadOnlySpan<byte> bytes, int at, int size) => size switch
    {
        1 => bytes[at],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]),
    };

    private void CheckHeap(long at, ulong size, bool isGlobal)
    {
        if (size > (ulong)file.Length)
            throw Damaged("a heap", at, size);
        if (!isGlobal)
            return;
        // Texts of varying length: index, references, size, the text up to a multiple of 8.
        var heap = file.Peek(at, (int)Math.Min(size, int.MaxValue));
        for (var i = 16; i + 16 <= heap.Length && Number(heap, i, 2) != 0;)
        {
            var length = Number(heap, i + 8, 8);
            if (length > (ulong)(heap.Length - i - 16))
                throw Damaged("an entry of a heap", at + i, length);
            i += 16 + (int)((length + 7) / 8 * 8);
        }
    }

    private void CheckHeader2(long at, byte[] head)
    {
        var flags = head[5];
        var i = 6 + ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0);
        var width = 1 << (flags & 3);
        // Up to here at most 26 bytes; the size may reach beyond the 32 that are at hand.
        var size = Number(file.Peek(at + i, 8) is { Length: 8 } bytes ? bytes : throw Damaged("an object", at, 0), 0, width);
        CheckMessages(new Block(at + i + width, size), isVersion1: false, prefix: (flags & 4) != 0 ? 6 : 4);
    }

    private void CheckMessages(Block first, bool isVersion1, int prefix)
    {
        var blocks = new Queue<Block>([first]);
        for (var count = 0; blocks.TryDequeue(out var block); count++)
        {
            if (count == MostBlocks)
                throw new InvalidDataException($"the object at byte {first.At} goes in circles");
            if (block.At < 0 || block.At > file.Length || block.Size > (ulong)(file.Length - block.At))
                throw Damaged("an object", block.At, block.Size);
            var bytes = file.Peek(block.At, (int)Math.Min(block.Size, int.MaxValue));
            for (var i = 0; bytes.Length - i >= prefix;)
            {
                var (type, size) = isVersion1 ? ((int)Number(bytes, i, 2), (int)Number(bytes, i + 2, 2)) : (bytes[i], (int)Number(bytes, i + 1, 2));
                i += prefix;
                if (size > bytes.Length - i)
                    throw Damaged("a message", block.At + i, (ulong)size);
                var body = bytes.AsSpan(i, size);
                CheckMessage(type, body, block.At + i);
                // The library follows the rest of the header when it is through with this part.
                if (type == 16 && size >= 16)
                    blocks.Enqueue(Continued(Number(body, 0, 8), Number(body, 8, 8), isVersion1));
                i += size;
            }
        }
    }

    // Of version 2 with a signature before and a checksum behind.
    private Block Continued(ulong at, ulong size, bool isVersion1)
    {
        if (at > (ulong)file.Length || size > (ulong)file.Length || !isVersion1 && size < 8)
            throw Damaged("an object's continuation", (long)Math.Min(at, long.MaxValue), size);
        return isVersion1 ? new Block(_base + (long)at, size) : new Block(_base + (long)at + 4, size - 8);
    }

    // The messages with lengths of their own: links, fill values, attributes.
    private static void CheckMessage(int type, ReadOnlySpan<byte> body, long at)
    {
        switch (type)
        {
            case 4 when body.Length >= 4:
                CheckLength(body, 0, 4, at);
                break;
            case 5 when body.Length >= 8 && body[0] < 3 && body[3] == 1:
                CheckLength(body, 4, 4, at);
                break;
            case 5 when body.Length >= 6 && body[0] == 3 && (body[1] & 0x20) != 0:
                CheckLength(body, 2, 4, at);
                break;
            case 6 when body.Length >= 2:
                var i = 2 + ((body[1] & 8) != 0 ? 1 : 0) + ((body[1] & 4) != 0 ? 8 : 0) + ((body[1] & 16) != 0 ? 1 : 0);
                CheckLength(body, i, 1 << (body[1] & 3), at);
                break;
        }
    }

    private static void CheckLength(ReadOnlySpan<byte> body, int at, int width, long place)
    {
        if (body.Length < at + width || Number(body, at, width) is var length && length > (ulong)(body.Length - at - width))
            throw Damaged("a message", place, body.Length < at + width ? 0 : Number(body, at, width));
    }

    private readonly record struct Block(long At, ulong Size);
}
