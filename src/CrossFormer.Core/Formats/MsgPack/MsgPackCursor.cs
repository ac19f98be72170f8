using System.Buffers.Binary;
using System.Text;

namespace CrossFormer.Formats;

/// <summary>
/// A position in a msgpack source and the primitive reads there. Looks through a small window, because between two
/// leaves' headers lie their elements, which are skipped.
/// </summary>
internal sealed class MsgPackCursor(ByteSource source)
{
    private const int WindowBytes = 4096;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly byte[] _window = new byte[(int)Math.Min(WindowBytes, source.Length)];
    private long _windowStart;
    private int _windowLength;

    public ByteSource Source => source;

    public long Position { get; private set; }

    /// <summary>Nothing may be read from here on: the end of the file, or of the extension being read.</summary>
    public long End { get; set; } = source.Length;

    public long Remaining => End - Position;

    public CorruptFileException Corrupt(long offset, string problem, Exception? inner = null) => source.Corrupt(offset, problem, inner);

    public void Skip(long count)
    {
        CheckRemaining(count);
        Position += count;
    }

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    public byte[] ReadBytes(long count)
    {
        CheckRemaining(count);
        if (count > Array.MaxLength)
            throw Corrupt(Position, $"expected at most {Array.MaxLength} bytes in one value, found {count}");
        var bytes = new byte[count];
        source.Read(Position, bytes);
        Position += count;
        return bytes;
    }

    public string ReadText(long count)
    {
        var start = Position;
        try
        {
            return StrictUtf8.GetString(count <= _window.Length ? Take((int)count) : ReadBytes(count));
        }
        catch (DecoderFallbackException e)
        {
            throw Corrupt(start, "expected text in UTF-8", e);
        }
    }

    /// <summary>Refuses a count of values of which each takes at least so many bytes: nothing is allocated for what cannot be there.</summary>
    public void CheckCount(long offset, long count, int bytesEach)
    {
        if (count > Remaining / bytesEach)
            throw Corrupt(offset, $"expected {count} values of at least {bytesEach} bytes, but only {Remaining} bytes follow");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        CheckRemaining(count);
        if (Position < _windowStart || Position + count > _windowStart + _windowLength)
        {
            _windowLength = (int)Math.Min(_window.Length, source.Length - Position);
            source.Read(Position, _window.AsSpan(0, _windowLength));
            _windowStart = Position;
        }

        var taken = _window.AsSpan((int)(Position - _windowStart), count);
        Position += count;
        return taken;
    }

    private void CheckRemaining(long count)
    {
        if (count > Remaining)
            throw Corrupt(Position, $"expected {count} more bytes, found {Remaining}");
    }
}
