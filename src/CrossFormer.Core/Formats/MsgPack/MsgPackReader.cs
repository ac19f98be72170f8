using System.Runtime.InteropServices;
using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>Reads one Flax msgpack source; see <see cref="MsgPack"/>.</summary>
internal sealed class MsgPackReader(ByteSource source)
{
    /// <summary>A policy's deepest parameter lies 8 maps down; more than this is an attack on the stack.</summary>
    internal const int MaxDepth = 100;

    /// <summary>A value costs up to some 300 bytes of memory however few it takes in the file; a checkpoint has thousands.</summary>
    internal const int MaxValues = 1 << 20;

    private readonly MsgPackCursor _cursor = new(source);
    private int _values;

    public ArrayTree ReadFile()
    {
        var tree = ReadValue(0);
        return _cursor.Remaining == 0
            ? tree
            : throw _cursor.Corrupt(_cursor.Position, $"expected the end of the file after one value, found {_cursor.Remaining} more bytes");
    }

    private ArrayTree ReadValue(int depth)
    {
        var start = _cursor.Position;
        if (depth > MaxDepth)
            throw _cursor.Corrupt(start, $"values nested deeper than {MaxDepth}");
        if (++_values > MaxValues)
            throw _cursor.Corrupt(start, $"more than {MaxValues} values");
        var head = _cursor.ReadByte();
        return head switch
        {
            <= 0x7f => new ArrayTree.Integer(head),
            <= 0x8f => ReadMap(start, head & 0x0f, depth),
            <= 0x9f => ReadSequence(start, head & 0x0f, isTuple: false, depth),
            <= 0xbf => new ArrayTree.Text(_cursor.ReadText(head & 0x1f)),
            0xc0 => ArrayTree.Nil,
            0xc2 => new ArrayTree.Boolean(false),
            0xc3 => new ArrayTree.Boolean(true),
            0xc4 => new ArrayTree.Binary(_cursor.ReadBytes(_cursor.ReadByte())),
            0xc5 => new ArrayTree.Binary(_cursor.ReadBytes(_cursor.ReadUInt16())),
            0xc6 => new ArrayTree.Binary(_cursor.ReadBytes(_cursor.ReadUInt32())),
            0xc7 => ReadExtension(start, _cursor.ReadByte(), depth),
            0xc8 => ReadExtension(start, _cursor.ReadUInt16(), depth),
            0xc9 => ReadExtension(start, _cursor.ReadUInt32(), depth),
            0xca => new ArrayTree.Real(BitConverter.UInt32BitsToSingle(_cursor.ReadUInt32())),
            0xcb => new ArrayTree.Real(BitConverter.UInt64BitsToDouble(_cursor.ReadUInt64())),
            >= 0xcc and <= 0xd3 or >= 0xe0 => new ArrayTree.Integer(ReadInteger(start, head)),
            >= 0xd4 and <= 0xd8 => ReadExtension(start, 1u << (head - 0xd4), depth),
            0xd9 => new ArrayTree.Text(_cursor.ReadText(_cursor.ReadByte())),
            0xda => new ArrayTree.Text(_cursor.ReadText(_cursor.ReadUInt16())),
            0xdb => new ArrayTree.Text(_cursor.ReadText(_cursor.ReadUInt32())),
            0xdc => ReadSequence(start, _cursor.ReadUInt16(), isTuple: false, depth),
            0xdd => ReadSequence(start, _cursor.ReadUInt32(), isTuple: false, depth),
            0xde => ReadMap(start, _cursor.ReadUInt16(), depth),
            0xdf => ReadMap(start, _cursor.ReadUInt32(), depth),
            _ => throw _cursor.Corrupt(start, $"0x{head:x2} starts no msgpack value"),
        };
    }

    private ArrayTree ReadMap(long start, long count, int depth)
    {
        _cursor.CheckCount(start, count, 2);
        var entries = new OrderedDictionary<string, ArrayTree>((int)Math.Min(count, 1024));
        for (long i = 0; i < count; i++)
        {
            var keyStart = _cursor.Position;
            var key = ReadString("a map's key");
            if (!entries.TryAdd(key, ReadValue(depth + 1)))
                throw _cursor.Corrupt(keyStart, $"the key '{key}' occurs twice in one map");
        }

        var map = new ArrayTree.Map(entries);
        return entries.ContainsKey(MsgPack.ChunkedKey) ? ReadChunked(start, map) : map;
    }

    private ArrayTree.Sequence ReadSequence(long start, long count, bool isTuple, int depth)
    {
        _cursor.CheckCount(start, count, 1);
        var items = new List<ArrayTree>((int)Math.Min(count, 1024));
        for (long i = 0; i < count; i++)
            items.Add(ReadValue(depth + 1));
        return new ArrayTree.Sequence(items, isTuple);
    }

    private ArrayTree ReadExtension(long start, uint length, int depth)
    {
        var code = (sbyte)_cursor.ReadByte();
        var outerEnd = _cursor.End;
        if (length > _cursor.Remaining)
            throw _cursor.Corrupt(start, $"expected {length} bytes of extension type {code}, found {_cursor.Remaining}");
        _cursor.End = _cursor.Position + length;
        ArrayTree value = code switch
        {
            MsgPackExtension.NdArray => new ArrayTree.Leaf(ReadArray(start)),
            MsgPackExtension.NumpyScalar => new ArrayTree.Leaf(ReadArray(start), isScalar: true),
            MsgPackExtension.Complex => ReadComplex(start),
            MsgPackExtension.Tuple => ReadSequence(start, ReadArrayHeader("a tuple"), isTuple: true, depth),
            _ => throw _cursor.Corrupt(start, $"unknown extension type {code}; expected 1 (array), 2 (complex), 3 (numpy scalar) or 4 (tuple)"),
        };
        if (_cursor.Remaining != 0)
            throw _cursor.Corrupt(_cursor.Position, $"expected the end of extension type {code}, found {_cursor.Remaining} more bytes");
        _cursor.End = outerEnd;
        return value;
    }

    private SourceArray ReadArray(long start)
    {
        if (ReadArrayHeader("an array's [shape, dtype, bytes]") is var parts && parts != 3)
            throw _cursor.Corrupt(start, $"expected an array's [shape, dtype, bytes], found {parts} values");
        var rank = ReadArrayHeader("an array's shape");
        if (rank > ArrayShape.MaxRank)
            throw _cursor.Corrupt(start, $"expected at most {ArrayShape.MaxRank} dimensions, found {rank}");
        Span<long> dimensions = stackalloc long[(int)rank];
        for (var i = 0; i < dimensions.Length; i++)
        {
            var at = _cursor.Position;
            var dimension = ReadInteger(at, _cursor.ReadByte());
            dimensions[i] = dimension >= 0 && dimension <= int.MaxValue
                ? (long)dimension
                : throw _cursor.Corrupt(at, $"a dimension of {dimension}");
        }

        var nameStart = _cursor.Position;
        var name = ReadString("a dtype's name");
        if (!DTypes.TryParse(name, out var dtype))
            throw _cursor.Corrupt(nameStart, $"unknown element type '{name}'");
        var (shape, bytes) = ArrayShape.Check(dimensions, dtype, _cursor.Source.Name, start);
        var lengthStart = _cursor.Position;
        var length = ReadBlobLength("an array's bytes");
        if (length != bytes)
            throw _cursor.Corrupt(lengthStart, $"expected {bytes} bytes for {name}[{string.Join(',', shape)}], found {length}");
        var array = new SourceArray(dtype, shape, _cursor.Source, _cursor.Position);
        _cursor.Skip(length);
        return array;
    }

    private ArrayTree.Complex ReadComplex(long start) =>
        ReadArrayHeader("a complex number's [re, im]") == 2
            ? new ArrayTree.Complex(new System.Numerics.Complex(ReadReal(), ReadReal()))
            : throw _cursor.Corrupt(start, "expected a complex number's [re, im]");

    private double ReadReal()
    {
        var at = _cursor.Position;
        return _cursor.ReadByte() switch
        {
            0xca => BitConverter.UInt32BitsToSingle(_cursor.ReadUInt32()),
            0xcb => BitConverter.UInt64BitsToDouble(_cursor.ReadUInt64()),
            var head => (double)ReadInteger(at, head),
        };
    }

    private Int128 ReadInteger(long start, byte head) => head switch
    {
        <= 0x7f => head,
        >= 0xe0 => (sbyte)head,
        0xcc => _cursor.ReadByte(),
        0xcd => _cursor.ReadUInt16(),
        0xce => _cursor.ReadUInt32(),
        0xcf => _cursor.ReadUInt64(),
        0xd0 => (sbyte)_cursor.ReadByte(),
        0xd1 => (short)_cursor.ReadUInt16(),
        0xd2 => (int)_cursor.ReadUInt32(),
        0xd3 => (long)_cursor.ReadUInt64(),
        _ => throw _cursor.Corrupt(start, $"expected an integer, found 0x{head:x2}"),
    };

    private long ReadArrayHeader(string what)
    {
        var start = _cursor.Position;
        long count = _cursor.ReadByte() switch
        {
            >= 0x90 and <= 0x9f and var head => head & 0x0f,
            0xdc => _cursor.ReadUInt16(),
            0xdd => _cursor.ReadUInt32(),
            var head => throw _cursor.Corrupt(start, $"expected {what}, found 0x{head:x2}"),
        };
        _cursor.CheckCount(start, count, 1);
        return count;
    }

    /// <summary>Length of a string or bin, both of which occur for names and elements.</summary>
    private long ReadBlobLength(string what)
    {
        var start = _cursor.Position;
        return _cursor.ReadByte() switch
        {
            >= 0xa0 and <= 0xbf and var head => head & 0x1f,
            0xc4 or 0xd9 => _cursor.ReadByte(),
            0xc5 or 0xda => _cursor.ReadUInt16(),
            0xc6 or 0xdb => _cursor.ReadUInt32(),
            var head => throw _cursor.Corrupt(start, $"expected {what}, found 0x{head:x2}"),
        };
    }

    private string ReadString(string what) => _cursor.ReadText(ReadBlobLength(what));

    /// <summary><c>{"__msgpack_chunked_array__": true, "shape": {"0": d0, …}, "chunks": {"0": 1-D array, …}}</c>.</summary>
    private ArrayTree.Leaf ReadChunked(long start, ArrayTree.Map map)
    {
        if (!map.TryGet("shape", out var shapeNode) || !map.TryGet("chunks", out var chunksNode) ||
            shapeNode is not ArrayTree.Map shapeMap || chunksNode is not ArrayTree.Map { Entries.Count: > 0 } chunksMap)
            throw _cursor.Corrupt(start, "expected a chunked array's maps 'shape' and 'chunks', the latter not empty");
        var dimensions = Indexed(start, shapeMap, "shape").ConvertAll(node =>
            node is ArrayTree.Integer { Value: var d } && d >= 0 && d <= int.MaxValue ? (long)d : throw _cursor.Corrupt(start, "a chunked array's dimension is no size"));
        var chunks = Indexed(start, chunksMap, "chunks").ConvertAll(node =>
            node is ArrayTree.Leaf { Array: { Shape.Length: 1 } array } ? array : throw _cursor.Corrupt(start, "a chunk is no 1-dimensional array"));
        var dtype = chunks[0].DType;
        var (shape, bytes) = ArrayShape.Check(CollectionsMarshal.AsSpan(dimensions), dtype, _cursor.Source.Name, start);
        if (chunks.Find(c => c.DType != dtype) is { } other)
            throw _cursor.Corrupt(start, $"chunks of one array are {dtype.NumpyName()} and {other.DType.NumpyName()}");
        return chunks.Sum(c => c.ByteCount) is var found && found == bytes
            ? new ArrayTree.Leaf(new ConcatenatedArray(dtype, shape, chunks))
            : throw _cursor.Corrupt(start, $"expected chunks of {bytes} bytes in all for {dtype.NumpyName()}[{string.Join(',', shape)}], found {found}");
    }

    private List<ArrayTree> Indexed(long start, ArrayTree.Map map, string name)
    {
        var items = new List<ArrayTree>(map.Entries.Count);
        for (var i = 0; i < map.Entries.Count; i++)
            items.Add(map.TryGet(i.ToString(), out var item) ? item : throw _cursor.Corrupt(start, $"a chunked array's '{name}' lacks the key \"{i}\""));
        return items;
    }
}
