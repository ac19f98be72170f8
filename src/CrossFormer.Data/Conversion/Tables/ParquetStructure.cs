namespace CrossFormer.Data.Conversion.Tables;

/// <summary>
/// Walks the structures of a Parquet file before its library does, which believes what it reads: a length beyond the end keeps it
/// for ever, columns nested by the thousand exhaust its stack, and a size is allocated as it stands there.
/// Source: parquet.thrift, Thrift's compact protocol.
/// </summary>
internal ref struct ParquetStructure
{
    private const int MostNesting = 32;
    private const int MostVarintBytes = 10;

    private static readonly Field Flag = new(1, 2), Tiny = new(3), Short = new(4), Int = new(5), Long = new(6), Real = new(7), Text = new(8);
    private static readonly Field Ints = new(9, Element: Int), Longs = new(9, Element: Long), Texts = new(9, Element: Text);

    private static readonly Shape Empty = new([]);
    private static readonly Shape Statistics = new([(1, Text), (2, Text), (3, Long), (4, Long), (5, Text), (6, Text), (7, Flag), (8, Flag)]);
    private static readonly Shape SizeStatistics = new([(1, Long), (2, Longs), (3, Longs)]);
    private static readonly Shape BoundingBox = new([(1, Real), (2, Real), (3, Real), (4, Real), (5, Real), (6, Real), (7, Real), (8, Real)]);
    private static readonly Shape GeospatialStatistics = new([(1, Of(BoundingBox)), (2, Ints)]);
    private static readonly Shape TimeUnit = new([(1, Of(Empty)), (2, Of(Empty)), (3, Of(Empty))]);
    private static readonly Shape Time = new([(1, Flag), (2, Of(TimeUnit))]);
    private static readonly Shape LogicalType = new(
    [
        (1, Of(Empty)), (2, Of(Empty)), (3, Of(Empty)), (4, Of(Empty)), (5, Of(new([(1, Int), (2, Int)]))), (6, Of(Empty)), (7, Of(Time)), (8, Of(Time)), (10, Of(new([(1, Tiny), (2, Flag)]))),
        (11, Of(Empty)), (12, Of(Empty)), (13, Of(Empty)), (14, Of(Empty)), (15, Of(Empty)), (16, Of(new([(1, Tiny)]))), (17, Of(new([(1, Text)]))), (18, Of(new([(1, Text), (2, Int)]))),
    ]);

    private static readonly Shape SchemaElement = new([(1, Int), (2, Int), (3, Int), (4, Text), (5, Int), (6, Int), (7, Int), (8, Int), (9, Int), (10, Of(LogicalType))]);
    private static readonly Shape KeyValue = new([(1, Text), (2, Text)]);
    private static readonly Shape EncodingStatistics = new([(1, Int), (2, Int), (3, Int)]);
    private static readonly Shape ColumnMetaData = new(
    [
        (1, Int), (2, Ints), (3, Texts), (4, Int), (5, Long), (6, Long), (7, Long), (8, ListOf(KeyValue)), (9, Long), (10, Long), (11, Long), (12, Of(Statistics)), (13, ListOf(EncodingStatistics)),
        (14, Long), (15, Int), (16, Of(SizeStatistics)), (17, Of(GeospatialStatistics)),
    ]);

    private static readonly Shape ColumnChunk = new([(1, Text), (2, Long), (3, Of(ColumnMetaData)), (4, Long), (5, Int), (6, Long), (7, Int)]);
    private static readonly Shape SortingColumn = new([(1, Int), (2, Flag), (3, Flag)]);
    private static readonly Shape RowGroup = new([(1, ListOf(ColumnChunk)), (2, Long), (3, Long), (4, ListOf(SortingColumn)), (5, Long), (6, Long), (7, Short)]);
    private static readonly Shape ColumnOrder = new([(1, Of(Empty))]);
    private static readonly Shape FileMetaData = new([(1, Int), (2, ListOf(SchemaElement)), (3, Long), (4, ListOf(RowGroup)), (5, ListOf(KeyValue)), (6, Text), (7, ListOf(ColumnOrder))]);

    private static readonly Shape DataPage = new([(1, Int), (2, Int), (3, Int), (4, Int), (5, Of(Statistics))]);
    private static readonly Shape DictionaryPage = new([(1, Int), (2, Int), (3, Flag)]);
    private static readonly Shape DataPage2 = new([(1, Int), (2, Int), (3, Int), (4, Int), (5, Int), (6, Int), (7, Flag), (8, Of(Statistics))]);
    private static readonly Shape PageHeader = new([(1, Int), (2, Int), (3, Int), (4, Int), (5, Of(DataPage)), (6, Of(Empty)), (7, Of(DictionaryPage)), (8, Of(DataPage2))]);

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly List<int> _children = [];
    private readonly Dictionary<(Shape, int), int> _pageNumbers = [];
    private int _at;

    private ParquetStructure(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Walks the footer.</summary>
    /// <param name="footer">The bytes between the pages and the footer's length.</param>
    /// <exception cref="InvalidDataException">It is damaged, encrypted, or nested too deeply.</exception>
    public static void CheckFooter(ReadOnlySpan<byte> footer)
    {
        var walk = new ParquetStructure(footer);
        walk.ReadStruct(FileMetaData);
        walk.CheckNesting();
    }

    /// <summary>Walks a page's header.</summary>
    /// <param name="bytes">The file from there on.</param>
    /// <returns>Bytes of the header and of the page behind it, bytes of what it decompresses to, and values that it says it holds.</returns>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static (int Header, int Compressed, int Uncompressed, int Values) ReadPageHeader(ReadOnlySpan<byte> bytes)
    {
        var walk = new ParquetStructure(bytes);
        walk.ReadStruct(PageHeader);
        var numbers = walk._pageNumbers;
        return (walk._at, numbers.GetValueOrDefault((PageHeader, 3)), numbers.GetValueOrDefault((PageHeader, 2)),
            new[] { DataPage, DictionaryPage, DataPage2 }.Max(s => numbers.GetValueOrDefault((s, 1))));
    }

    private static Field Of(Shape shape) => new(12, Inner: shape);

    private static Field ListOf(Shape shape) => new(9, Element: Of(shape));

    private static InvalidDataException Damaged(string problem) => new($"its description is damaged: {problem}");

    private void ReadStruct(Shape shape)
    {
        short id = 0;
        while (Byte() is var header and not 0)
        {
            var type = header & 15;
            id = header >> 4 == 0 ? (short)Zigzag() : (short)(id + (header >> 4));
            if (!shape.Fields.TryGetValue(id, out var field))
                Skip(type);
            else if (type != field.Type && type != field.Other)
                throw Damaged($"a field of type {type}, expected {field.Type}");
            else if (field.Inner is { } inner)
                ReadStruct(inner);
            else if (field.Element is { } element)
                ReadList(element);
            else
                Keep(shape, id, Scalar(type));
        }

        if (shape == SchemaElement)
            _children.Add(_pageNumbers.Remove((SchemaElement, 5), out var children) ? children : 0);
    }

    private void ReadList(Field element)
    {
        var count = ListHeader(out var type);
        if (type != element.Type)
            throw Damaged($"a list of type {type}, expected {element.Type}");
        for (var i = 0; i < count; i++)
        {
            if (element.Inner is { } inner)
                ReadStruct(inner);
            else
                Scalar(type);
        }
    }

    // What the library skips wrongly, it must not meet: structures and lists of flags or structures that it does not know.
    private void Skip(int type)
    {
        if (type != 9)
        {
            Scalar(type);
            return;
        }

        var count = ListHeader(out var element);
        if (element < 3)
            throw Damaged("a list of flags, which no Parquet file has here");
        for (var i = 0; i < count; i++)
            Scalar(element);
    }

    // An entry takes a byte at the least.
    private int ListHeader(out int type)
    {
        var header = Byte();
        type = header & 15;
        var count = header >> 4 == 15 ? Varint() : (ulong)(header >> 4);
        return count <= (ulong)(_bytes.Length - _at) ? (int)count : throw Damaged($"a list of {count} entries");
    }

    private long Scalar(int type)
    {
        switch (type)
        {
            case 1 or 2:
                return 0;
            case 3:
                return Byte();
            case 4 or 5 or 6:
                return Zigzag();
            case 7:
                Move(8);
                return 0;
            case 8:
                Move(Varint());
                return 0;
            default:
                throw Damaged($"a field of the unknown type {type}; it may be encrypted, or newer than this reader");
        }
    }

    private readonly void Keep(Shape shape, int id, long value)
    {
        if (shape == SchemaElement && id == 5 || shape == PageHeader || id == 1 && (shape == DataPage || shape == DictionaryPage || shape == DataPage2))
            _pageNumbers[(shape, id)] = value is >= 0 and <= int.MaxValue || shape == PageHeader && id == 4 ? (int)value : throw Damaged($"a size of {value}");
    }

    // The schema is a tree in depth-first order.
    private readonly void CheckNesting()
    {
        var open = new Stack<int>();
        foreach (var children in _children)
        {
            if (open.TryPop(out var left))
                open.Push(left - 1);
            open.Push(children);
            if (open.Count > MostNesting)
                throw Damaged($"columns nested more than {MostNesting} deep");
            while (open.TryPeek(out left) && left <= 0)
                open.Pop();
        }
    }

    private long Zigzag()
    {
        var n = Varint();
        return (long)(n >> 1) ^ -(long)(n & 1);
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var i = 0; i < MostVarintBytes; i++)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7f) << (7 * i);
            if (b < 0x80)
                return value;
        }

        throw Damaged("a number without end");
    }

    private int Byte() => _at < _bytes.Length ? _bytes[_at++] : throw Damaged("it ends too early");

    private void Move(ulong bytes)
    {
        if (bytes > (ulong)(_bytes.Length - _at))
            throw Damaged($"a text of {bytes} bytes where {_bytes.Length - _at} are left");
        _at += (int)bytes;
    }

    /// <summary>A field's type; or two, for flags are stored in it.</summary>
    private sealed record Field(int Type, int Other = -1, Shape? Inner = null, Field? Element = null);

    private sealed class Shape((int Id, Field Field)[] fields)
    {
        public Dictionary<int, Field> Fields { get; } = fields.ToDictionary(f => f.Id, f => f.Field);
    }
}
