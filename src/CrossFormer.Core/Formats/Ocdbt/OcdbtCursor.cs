using System.Buffers.Binary;
using System.Text;

namespace CrossFormer.Formats;

/// <summary>A position in a decoded node. Columns are read whole: every field is stored for all entries before the next field.</summary>
internal sealed class OcdbtCursor(ByteSource node, ReadOnlyMemory<byte> body)
{
    /// <summary>Longest key or path accepted.</summary>
    public const int MaxNameBytes = 4096;

    /// <summary>Prefix compression may repeat so many bytes for each that is stored, or a few would become gigabytes.</summary>
    public const int MaxExpansion = 256;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private int _position;

    public int Length => body.Length;

    public int Remaining => body.Length - _position;

    public CorruptFileException Corrupt(string problem, Exception? inner = null) => node.Corrupt(0, $"in a node, at byte {_position} of its body: {problem}", inner);

    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)Remaining)
            throw Corrupt($"expected {count} more bytes, found {Remaining}");
        var taken = body.Span.Slice(_position, (int)count);
        _position += (int)count;
        return taken;
    }

    public byte ReadByte() => Take(1)[0];

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    /// <summary>A uleb128 of up to 64 bits, which takes up to 10 bytes.</summary>
    public ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var b = ReadByte();
            if (shift == 63 && b > 1)
                throw Corrupt("a number of more than 64 bits");
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return value;
        }
    }

    /// <summary>A number of entries, of which each takes at least so many bytes.</summary>
    public int ReadCount(int bytesEach)
    {
        var count = ReadVarint();
        return count <= (ulong)(Remaining / bytesEach) ? (int)count : throw Corrupt($"expected {count} entries of at least {bytesEach} bytes, but only {Remaining} bytes follow");
    }

    public ulong[] ReadVarints(int count)
    {
        var values = new ulong[count];
        for (var i = 0; i < count; i++)
            values[i] = ReadVarint();
        return values;
    }

    /// <summary>Passes over a column of numbers that nobody needs.</summary>
    public void SkipVarints(int count)
    {
        for (var i = 0; i < count; i++)
            _ = ReadVarint();
    }

    /// <summary>Names of which each begins with a part of the one before.</summary>
    /// <param name="prefixLengths">For all but the first.</param>
    /// <param name="suffixLengths">For all.</param>
    public byte[][] ReadNames(ulong[] prefixLengths, ulong[] suffixLengths)
    {
        var names = new byte[suffixLengths.Length][];
        var budget = 4096L + ((long)MaxExpansion * body.Length);
        for (var i = 0; i < names.Length; i++)
        {
            var prefix = i == 0 ? 0 : prefixLengths[i - 1];
            var suffix = Take(suffixLengths[i]);
            if (i > 0 && prefix > (ulong)names[i - 1].Length)
                throw Corrupt($"entry {i} repeats {prefix} bytes of a name of {names[i - 1].Length}");
            names[i] = i == 0 ? suffix.ToArray() : [.. names[i - 1].AsSpan(0, (int)prefix), .. suffix];
            budget -= names[i].Length;
            if (names[i].Length > MaxNameBytes || budget < 0)
                throw Corrupt(budget < 0 ? "names whose shared prefixes grow absurdly" : $"a name of {names[i].Length} bytes; expected at most {MaxNameBytes}");
        }

        return names;
    }

    public string Text(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException e)
        {
            throw Corrupt("expected a name in UTF-8", e);
        }
    }

    public void ExpectEnd()
    {
        if (Remaining != 0)
            throw Corrupt($"expected the end of the node, found {Remaining} more bytes");
    }
}
