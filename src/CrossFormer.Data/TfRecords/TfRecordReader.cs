using System.Buffers.Binary;
using CrossFormer.Formats;
using Microsoft.Win32.SafeHandles;

namespace CrossFormer.Data.TfRecords;

/// <summary>
/// Reads a TFRecord file record by record: <c>length u64 | masked CRC-32C of the length | data | masked CRC-32C of the
/// data</c>, little-endian. Memory is never larger than what the file really holds: a length that points past its end is
/// refused before anything is allocated. Not thread-safe; several readers may read one file.
/// </summary>
public sealed class TfRecordReader : IDisposable
{
    internal const int HeaderBytes = 12;
    internal const int FooterBytes = 4;

    private readonly SafeFileHandle _file;
    private readonly RecordBuffer? _shared;
    private readonly byte[] _header = new byte[HeaderBytes];

    // Where the header in _header was read from. One system call reads a record's data and the next record's header.
    private long _headerAt = -1;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The TFRecord file (uncompressed).</param>
    /// <param name="reuseBuffer">
    /// True: a record's data is valid until the next read, and reading allocates nothing once the largest record was seen.
    /// False: every record owns its memory.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public TfRecordReader(string path, bool reuseBuffer = false) : this(path, reuseBuffer ? new RecordBuffer() : null)
    {
    }

    /// <summary>Opens a file; every record lies in <paramref name="buffer"/> until the next is read into it, by whatever reader.</summary>
    internal TfRecordReader(string path, RecordBuffer? buffer)
    {
        (Path, _shared) = (path, buffer);
        _file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        Length = RandomAccess.GetLength(_file);
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The file's length in bytes when it was opened.</summary>
    public long Length { get; }

    /// <summary>Byte offset of the next record; <see cref="Length"/> at the end.</summary>
    public long Position { get; private set; }

    /// <summary>Moves to a record whose offset is known, for example from a <see cref="TfRecordIndex"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The offset is outside the file.</exception>
    public void Seek(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        Position = offset;
    }

    /// <summary>Reads the next record and verifies both checksums.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="CorruptFileException">
    /// The file ends inside the record, a checksum is wrong, or the length points past the end. After a wrong data checksum
    /// <see cref="Position"/> is the next record, so reading may go on; after any other error it has not moved, for
    /// nothing tells where the next record begins.
    /// </exception>
    public bool TryRead(out TfRecord record)
    {
        record = default;
        if (Position == Length)
            return false;
        var offset = Position;
        var dataBytes = ReadLength(offset);
        var end = offset + HeaderBytes + dataBytes + FooterBytes;
        var withNextHeader = (int)Math.Min(Length - offset - HeaderBytes, dataBytes + FooterBytes + HeaderBytes);
        var buffer = _shared?.AtLeast(withNextHeader) ?? GC.AllocateUninitializedArray<byte>(withNextHeader);
        Fill(buffer.AsSpan(0, withNextHeader), offset + HeaderBytes);
        var data = buffer.AsMemory(0, dataBytes);
        if (withNextHeader == dataBytes + FooterBytes + HeaderBytes)
        {
            buffer.AsSpan(dataBytes + FooterBytes, HeaderBytes).CopyTo(_header);
            _headerAt = end;
        }

        Position = end;
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(dataBytes));
        var computed = MaskedCrc32C.Compute(data.Span);
        if (stored != computed)
        {
            throw new CorruptFileException(
                Path, offset, $"the record's data does not match its checksum (stored {stored:x8}, computed {computed:x8} over {dataBytes} bytes)");
        }

        record = new TfRecord(Path, offset, data);
        return true;
    }

    /// <summary>Moves past the next record. Verifies its length, not its data.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="CorruptFileException">The file ends inside the record, or its length is wrong.</exception>
    public bool TrySkip()
    {
        if (Position == Length)
            return false;
        Position += HeaderBytes + ReadLength(Position) + FooterBytes;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private int ReadLength(long offset)
    {
        if (Length - offset < HeaderBytes)
            throw new CorruptFileException(Path, offset, $"the file ends inside a record's header ({Length - offset} of {HeaderBytes} bytes)");
        if (_headerAt != offset)
        {
            Fill(_header, offset);
            _headerAt = offset;
        }

        var stored = BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(8));
        var computed = MaskedCrc32C.Compute(_header.AsSpan(0, 8));
        if (stored != computed)
        {
            throw new CorruptFileException(
                Path, offset, $"the record's length does not match its checksum (stored {stored:x8}, computed {computed:x8}); is this a TFRecord file?");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(_header);
        var available = Length - offset - HeaderBytes - FooterBytes;
        if (available < 0 || length > (ulong)available)
            throw new CorruptFileException(Path, offset, $"the record says that it holds {length} bytes, the file has {Math.Max(0, available)} left: truncated?");
        if (length > (ulong)(Array.MaxLength - FooterBytes - HeaderBytes))
            throw new CorruptFileException(Path, offset, $"the record holds {length} bytes; at most {Array.MaxLength - FooterBytes - HeaderBytes} are supported");
        return (int)length;
    }

    private void Fill(Span<byte> destination, long offset)
    {
        while (destination.Length > 0)
        {
            var n = RandomAccess.Read(_file, destination, offset);
            if (n == 0)
                throw new CorruptFileException(Path, offset, $"the file became shorter while it was read: {destination.Length} bytes are missing");
            destination = destination[n..];
            offset += n;
        }
    }
}
