using System.Buffers.Binary;
using System.Text;

namespace CrossFormer.Fuzz;

/// <summary>Damages bytes as storage, networks and attackers do. The same seed gives the same damage.</summary>
internal sealed class Mutator(int seed)
{
    private const int MaxGrowth = 1 << 12;
    private static readonly ulong[] Extremes =
        [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 1UL << 40];

    private static readonly byte[][] Numbers =
        [.. new[] { "0", "-1", "1e308", "-0.5", "2147483647", "2147483648", "9223372036854775807", "18446744073709551615", "99999999999999999999", "null", "\"\\ud800\"", "[]", "{}" }
            .Select(Encoding.ASCII.GetBytes)];

    // Heads after which msgpack puts a length: bin, ext, fixext, str, array, map.
    private static readonly byte[] LengthHeads = [0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xd4, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf];

    private readonly Random _random = new(seed);

    /// <summary>A copy of <paramref name="original"/> with one to four damages; <paramref name="other"/> is what may be spliced in.</summary>
    public byte[] Mutate(byte[] original, byte[] other)
    {
        var bytes = original.ToArray();
        for (var count = _random.Next(1, 5); count > 0; count--)
            bytes = MutateOnce(bytes, other);
        return bytes;
    }

    /// <summary>One of the values.</summary>
    public T Choose<T>(IReadOnlyList<T> values) => values[_random.Next(values.Count)];

    private byte[] MutateOnce(byte[] bytes, byte[] other)
    {
        if (bytes.Length == 0)
            return other.AsSpan(0, Math.Min(other.Length, 16)).ToArray();
        var at = Position(bytes.Length);
        switch (_random.Next(10))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)_random.Next(256);
                return bytes;
            case 2:
                return bytes[..at];
            case 3:
                return Overwrite(bytes, at, Extreme());
            case 4:
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(Math.Min(bytes.Length, at + _random.Next(1, 32)))];
            case 5:
                return [.. bytes.AsSpan(0, at), .. Part(bytes), .. bytes.AsSpan(at)];
            case 6:
                return [.. bytes.AsSpan(0, at), .. Part(other), .. bytes.AsSpan(at)];
            case 7:
                return Overwrite(bytes, at, Part(other));
            case 8:
                return Overwrite(bytes, at, [Choose(LengthHeads), .. Extreme()]);
            default:
                return ReplaceNumber(bytes, at);
        }
    }

    // Structure is at the beginning and the end more often than in the middle of a tensor.
    private int Position(int length) => _random.Next(4) switch
    {
        0 => _random.Next(Math.Min(length, 64)),
        1 => length - 1 - _random.Next(Math.Min(length, 64)),
        _ => _random.Next(length),
    };

    private byte[] Extreme()
    {
        var (value, buffer) = (Choose(Extremes), new byte[8]);
        switch (_random.Next(3))
        {
            case 0:
                BinaryPrimitives.WriteUInt64LittleEndian(buffer, value);
                return buffer[..Choose([1, 2, 4, 8])];
            case 1:
                BinaryPrimitives.WriteUInt64BigEndian(buffer, value);
                return buffer[^Choose([1, 2, 4, 8])..];
            default:
                var varint = new List<byte>();
                for (; value >= 0x80; value >>= 7)
                    varint.Add((byte)(value | 0x80));
                return [.. varint, (byte)value];
        }
    }

    private byte[] Part(byte[] source)
    {
        if (source.Length == 0)
            return [];
        var start = Position(source.Length);
        return source.AsSpan(start, Math.Min(source.Length - start, _random.Next(1, _random.Next(2) == 0 ? 16 : MaxGrowth))).ToArray();
    }

    private static byte[] Overwrite(byte[] bytes, int at, byte[] with)
    {
        with.AsSpan(0, Math.Min(with.Length, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
        return bytes;
    }

    private byte[] ReplaceNumber(byte[] bytes, int at)
    {
        var start = bytes.AsSpan(at).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (start < 0)
            return bytes;
        var end = bytes.AsSpan(at + start).IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return end < 0 ? bytes : [.. bytes.AsSpan(0, at + start), .. Choose(Numbers), .. bytes.AsSpan(at + start + end)];
    }
}
