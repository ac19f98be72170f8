using System.Buffers.Binary;
using CrossFormer.Arrays;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace CrossFormer.Data.Conversion.Tables;

/// <summary>A Parquet file, read column by column and row group by row group. Not thread-safe.</summary>
internal sealed class ParquetTable : IDisposable
{
    // Values that a byte of the file may stand for: deflate's limit; where a run of one value is longer, no recording is that even.
    private const long MostValues = 1100;

    // What a page's header may take: two statistics of long texts.
    private const int HeaderBytes = 1 << 20;

    private readonly LeashedFile _stream;
    private readonly ParquetReader _reader;
    private readonly string _file;

    private ParquetTable(LeashedFile stream, ParquetReader reader, string file)
    {
        (_stream, _reader, _file) = (stream, reader, file);
        GroupRows = [.. reader.RowGroups.Select(g => checked((int)g.RowCount))];
        Columns = [.. reader.Schema.DataFields.Select(f => f.Path.FirstPart!).Distinct()];
    }

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Rows of each row group.</summary>
    public IReadOnlyList<int> GroupRows { get; }

    /// <exception cref="EpisodeSourceException">It is absent or no Parquet.</exception>
    public static ParquetTable Open(string file)
    {
        if (!File.Exists(file))
            throw new EpisodeSourceException(file, "", "there is no such file");
        return Guard(file, "", () =>
        {
            var stream = new LeashedFile(file);
            try
            {
                stream.Begin();
                // The library reads a page's header byte by byte, where it went for it.
                stream.OnStructure = (at, count) =>
                {
                    if (count == 1)
                        CheckPage(stream, at);
                };
                CheckFooter(stream);
                return new ParquetTable(stream, ParquetReader.CreateAsync(stream).GetAwaiter().GetResult(), file);
            }
            catch
            {
                stream.Dispose();
                throw;
            }
        });
    }

    /// <summary>A column of all rows.</summary>
    public TableColumn Read(string column) => Read(column, 0, int.MaxValue);

    /// <summary>Rows of a column: numbers as [rows, …], lists of one length becoming a dimension; texts; or the <c>bytes</c> of image structs.</summary>
    /// <param name="column">One of <see cref="Columns"/>.</param>
    /// <param name="first">The first row, over all groups.</param>
    /// <param name="count">At least 1 row.</param>
    /// <exception cref="EpisodeSourceException">There is no such column, or rows lack a value, or lists differ in length.</exception>
    public TableColumn Read(string column, int first, int count)
    {
        var parts = new List<TableColumn>();
        var begin = 0L;
        for (var group = 0; group < GroupRows.Count; begin += GroupRows[group++])
        {
            var (from, to) = (Math.Max(first, begin), Math.Min((long)first + count, begin + GroupRows[group]));
            if (from < to)
                parts.Add(ReadGroup(column, group).Slice((int)(from - begin), (int)(to - from)));
        }

        if (parts.Count == 0)
            throw Wrong(column, "it has no rows");
        return TableColumn.Concatenate(parts) ?? throw Wrong(column, "its row groups hold different types or lengths");
    }

    /// <summary>A column of counts or indices: whole numbers from 0 on.</summary>
    public int[] Indices(string column) =>
        Array.ConvertAll(Numbers(column).ToDoubles(), v => v is >= 0 and <= int.MaxValue && (int)v == v ? (int)v : throw Wrong(column, $"expected a whole number from 0 on, found {v}"));

    /// <summary>A column of numbers, one a row.</summary>
    public NdArray Numbers(string column) =>
        Read(column).Numbers is { Shape: [_] } numbers ? numbers : throw Wrong(column, "expected one number a row");

    /// <summary>A column of texts.</summary>
    public string[] Texts(string column) => Read(column).Texts ?? throw Wrong(column, "expected texts");

    public void Dispose()
    {
        _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _stream.Dispose();
    }

    private TableColumn ReadGroup(string column, int group)
    {
        var fields = _reader.Schema.DataFields.Where(f => f.Path.FirstPart == column).ToList();
        // Images are a struct of their bytes and of the name of the file that they came from.
        var field = fields.Count <= 1 ? fields.FirstOrDefault() : fields.Find(f => f.Path.Length == 2 && f.Path[1] == "bytes");
        if (field is null)
            throw fields.Count == 0
                ? new EpisodeSourceException(_file, $"column '{column}'", $"it is missing; there are {string.Join(", ", Columns)}")
                : Wrong(column, $"a struct of {string.Join(", ", fields.Select(f => f.Path))} cannot be converted");
        return Guard(_file, $"column '{column}'", () =>
        {
            using var rows = _reader.OpenRowGroupReader(group);
            if (rows.GetMetadata(field)?.MetaData?.NumValues is var values && values < 0 || values > MostValues * _stream.Length)
                throw new InvalidDataException($"it claims {values:N0} values, which {_stream.Length:N0} bytes cannot hold");
            _stream.Begin();
            using var raw = rows.ReadRawColumnDataBaseAsync(field, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            var lengths = RowLengths(raw, field, GroupRows[group], column);
            return raw switch
            {
                RawColumnData<float> d => Numbers(d.Values),
                RawColumnData<double> d => Numbers(d.Values),
                RawColumnData<long> d => Numbers(d.Values),
                RawColumnData<int> d => Numbers(d.Values),
                RawColumnData<short> d => Numbers(d.Values),
                RawColumnData<sbyte> d => Numbers(d.Values),
                RawColumnData<ulong> d => Numbers(d.Values),
                RawColumnData<uint> d => Numbers(d.Values),
                RawColumnData<ushort> d => Numbers(d.Values),
                RawColumnData<byte> d => Numbers(d.Values),
                RawColumnData<bool> d => Numbers(d.Values),
                RawColumnData<ReadOnlyMemory<char>> d when lengths is [] => new TableColumn([.. d.Values.ToArray().Select(t => t.ToString())]),
                RawColumnData<ReadOnlyMemory<byte>> d when lengths is [] => new TableColumn([.. d.Values.ToArray().Select(b => (ReadOnlyMemory<byte>)b.ToArray())]),
                _ => throw Wrong(column, $"values of type {field.ClrType.Name} cannot be converted"),
            };

            TableColumn Numbers<T>(ReadOnlySpan<T> values) where T : unmanaged => new(NdArray.From(values, [GroupRows[group], .. lengths]));
        });
    }

    // The length of each level of lists, outermost first: one number for all rows, or they are no tensor.
    private int[] RowLengths(RawColumnData raw, DataField field, int rows, string column)
    {
        // Asking for levels that the column cannot have is an error.
        if (field.MaxDefinitionLevel > 0 && raw.DefinitionLevels.IndexOfAnyExcept(field.MaxDefinitionLevel) is >= 0 and var hole)
            throw Wrong(column, $"value {hole} is missing; every row must have one");
        if (field.MaxRepetitionLevel == 0)
            return [];
        var repetitions = raw.RepetitionLevels;
        var lengths = new int[field.MaxRepetitionLevel];
        for (var level = 1; level <= lengths.Length; level++)
        {
            // A value of a lower level begins the next list, one of this level is its next entry, a higher one goes on inside that.
            var (length, common) = (1, -1);
            for (var i = 1; i <= repetitions.Length; i++)
            {
                var repetition = i < repetitions.Length ? repetitions[i] : 0;
                if (repetition == level)
                    length++;
                if (repetition >= level)
                    continue;
                if (common >= 0 && common != length)
                    throw Wrong(column, $"lists of {common} and of {length} values; all rows must have one length");
                (common, length) = (length, 1);
            }

            lengths[level - 1] = common;
        }

        var expected = lengths.Aggregate((long)rows, (n, l) => n * l);
        return expected == repetitions.Length ? lengths : throw Wrong(column, $"{repetitions.Length} values for {rows} rows of {string.Join('x', lengths)}");
    }

    private EpisodeSourceException Wrong(string column, string problem) => new(_file, $"column '{column}'", problem);

    // "PAR1", pages, footer, its length, "PAR1".
    private static void CheckFooter(LeashedFile file)
    {
        var end = file.Peek(Math.Max(0, file.Length - 8), 8);
        var length = end.Length < 8 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(end);
        if (length < 0 || length > file.Length - 12)
            throw new InvalidDataException($"a footer of {length} bytes in a file of {file.Length}");
        ParquetStructure.CheckFooter(file.Peek(file.Length - 8 - length, length));
    }

    // What the page claims is allocated next.
    private static void CheckPage(LeashedFile file, long at)
    {
        var page = ParquetStructure.ReadPageHeader(file.Peek(at, HeaderBytes));
        var most = Math.Max(0, Math.Min(page.Compressed, file.Length - at - page.Header)) * MostValues;
        if (page.Compressed > file.Length - at - page.Header || page.Uncompressed > most || page.Values > MostValues * file.Length)
            throw new InvalidDataException($"a page of {page.Compressed:N0} bytes claims {page.Values:N0} values in {page.Uncompressed:N0} bytes");
    }

    // The library throws whatever a damaged file makes it stumble over.
    private static T Guard<T>(string file, string part, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not EpisodeSourceException)
        {
            throw new EpisodeSourceException(file, part, $"not readable as Parquet ({e.GetBaseException().Message}); the file is damaged or cut short: copy it again, or skip the episode", e);
        }
    }
}
