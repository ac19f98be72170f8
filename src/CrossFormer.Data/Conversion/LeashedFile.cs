using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace CrossFormer.Data.Conversion;

/// <summary>
/// The bytes of a file as another's library reads them, on a leash: such a library trusts every address and length in the file, so
/// links that lead in a circle would keep it for ever or exhaust the stack, which ends a process. All its wanderings pass here.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class LeashedFile(string path) : Stream
{
    private const int PageBytes = 1 << 14;

    // Structures begin with a name of four letters, or with a number of one byte.
    private const int SignatureBytes = 4;

    // Reads of one operation: a sound file needs less than one a byte of its own, and few operations touch more than this.
    private const long FreeReads = 1 << 18;
    private const long MostReads = 1 << 26;

    private readonly SafeFileHandle _file = File.OpenHandle(path);
    private readonly byte[] _page = new byte[PageBytes];
    private long _pageStart;
    private int _pageLength;
    private long _readsLeft = FreeReads;
    private bool _wasSought;

    public override long Position { get; set; }

    public override long Length { get; } = new FileInfo(path).Length;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    /// <summary>Where the last read began; -1 when there was none since <see cref="Begin"/>.</summary>
    public long LastRead { get; private set; }

    /// <summary>Called before the first few bytes are read where a search led to, for there a structure begins. The arguments are the place and how many bytes are read of it.</summary>
    public Action<long, int>? OnStructure { get; set; }

    /// <summary>Begins an operation: its reads are counted anew.</summary>
    public void Begin() => (_readsLeft, LastRead) = (Math.Min(FreeReads + 2 * Length, MostReads), -1);

    /// <inheritdoc />
    /// <exception cref="InvalidDataException">The operation goes in circles.</exception>
    /// <exception cref="InsufficientExecutionStackException">So it does, and deeper with each turn.</exception>
    public override int Read(Span<byte> buffer)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (--_readsLeft < 0)
            throw new InvalidDataException("its structure goes in circles");
        if (_wasSought && buffer.Length <= SignatureBytes)
            OnStructure?.Invoke(Position, buffer.Length);
        _wasSought = false;
        LastRead = Position;
        var read = buffer.Length < PageBytes ? ReadPage(buffer) : RandomAccess.Read(_file, buffer, Position);
        Position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    /// <exception cref="EndOfStreamException">There is none: whoever reads bytes one by one does not expect an end.</exception>
    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 1 ? one[0] : throw new EndOfStreamException($"the file ends at byte {Length}");
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Read(buffer, offset, count));

    /// <summary>Bytes from a place on, fewer at the file's end. Neither counted nor moving the position.</summary>
    public byte[] Peek(long position, int most)
    {
        var bytes = new byte[(int)Math.Clamp(Length - position, 0, most)];
        return bytes.AsSpan(0, RandomAccess.Read(_file, bytes, position)).ToArray();
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        // Steps from where one is lead to no other structure.
        _wasSought = origin == SeekOrigin.Begin;
        var position = offset + (origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => Position, _ => Length });
        return position >= 0 ? Position = position : throw new InvalidDataException($"an address of {position}");
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }

    // The library reads headers a number at a time.
    private int ReadPage(Span<byte> buffer)
    {
        if (Position < _pageStart || Position + buffer.Length > _pageStart + _pageLength)
            (_pageStart, _pageLength) = (Position, RandomAccess.Read(_file, _page, Position));
        var read = Math.Min(buffer.Length, (int)(_pageStart + _pageLength - Position));
        _page.AsSpan((int)(Position - _pageStart), read).CopyTo(buffer);
        return read;
    }
}
