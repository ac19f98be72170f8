using System.Buffers.Binary;
using CrossFormer.Formats;

namespace CrossFormer.Data.TfRecords;

/// <summary>
/// Walks over the fields of one protobuf message that lies at [<c>position</c>, <c>end</c>) of a record's data. Every length
/// is checked against the message's end, so nothing outside it is ever read. Source: protobuf.dev, "Encoding".
/// </summary>
internal ref struct WireReader(in TfRecord record, int position, int end)
{
    private readonly ReadOnlySpan<byte> _data = record.Data.Span[..end];
    private readonly string _file = record.File;
    private readonly long _dataOffset = record.DataOffset;

    public const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    /// <summary>Position in the record's data.</summary>
    public int Position { get; private set; } = position;

    public readonly bool AtEnd => Position == _data.Length;

    /// <summary>Reads the next field's number and wire type.</summary>
    public (int Field, int WireType) ReadTag()
    {
        var at = Position;
        var tag = ReadVarint();
        if (tag > uint.MaxValue || tag >> 3 == 0)
            throw Malformed(at, $"a protobuf tag of {tag}");
        return ((int)(tag >> 3), (int)(tag & 7));
    }

    /// <summary>Reads an unsigned varint of at most ten bytes.</summary>
    public ulong ReadVarint()
    {
        var at = Position;
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (Position == _data.Length)
                throw Malformed(at, "a varint runs past the end of its message");
            var b = _data[Position++];
            // The tenth byte carries one bit.
            if (shift == 63 && b > 1)
                break;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }

        throw Malformed(at, "a varint of more than 64 bits");
    }

    /// <summary>Reads a length and returns the range that it spans, in the record's data.</summary>
    public (int Start, int End) ReadRange()
    {
        var at = Position;
        var length = ReadVarint();
        if (length > (ulong)(_data.Length - Position))
            throw Malformed(at, $"a field of {length} bytes in a message that has {_data.Length - Position} left");
        var start = Position;
        Position += (int)length;
        return (start, Position);
    }

    /// <summary>Reads four little-endian bytes as float32.</summary>
    public float ReadSingle()
    {
        Require(4);
        Position += 4;
        return BinaryPrimitives.ReadSingleLittleEndian(_data.Slice(Position - 4, 4));
    }

    /// <summary>Passes over a field that the reader does not know.</summary>
    public void SkipField(int wireType)
    {
        switch (wireType)
        {
            case Varint:
                ReadVarint();
                break;
            case Fixed64:
                Require(8);
                Position += 8;
                break;
            case Bytes:
                ReadRange();
                break;
            case Fixed32:
                Require(4);
                Position += 4;
                break;
            default:
                // 3 and 4 are proto2 groups, which no writer of Examples makes; 6 and 7 do not exist.
                throw Malformed(Position, $"protobuf wire type {wireType}");
        }
    }

    /// <summary>Throws unless a known field has the wire type that its declaration says.</summary>
    public readonly void Expect(int expected, int wireType, string field)
    {
        if (wireType != expected)
            throw Malformed(Position, $"{field} has protobuf wire type {wireType}, expected {expected}");
    }

    public readonly CorruptFileException Malformed(int at, string problem) =>
        new(_file, _dataOffset + at, $"the record is no tf.train.Example: {problem}");

    private readonly void Require(int bytes)
    {
        if (_data.Length - Position < bytes)
            throw Malformed(Position, $"a field of {bytes} bytes in a message that has {_data.Length - Position} left");
    }
}
