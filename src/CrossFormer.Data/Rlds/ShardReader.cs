using CrossFormer.Data.TfRecords;
using CrossFormer.Formats;

namespace CrossFormer.Data.Rlds;

/// <summary>Reads consecutive episodes of one shard, and knows after a failure where reading can go on.</summary>
internal sealed class ShardReader(RldsShardSlice slice, RldsSchema schema) : IDisposable
{
    private readonly int _end = slice.First + slice.Count;
    private TfRecordReader? _reader;
    private bool _lostFrame;

    /// <summary>The number of the next record; after a failure, the next one that can be read.</summary>
    public int Next { get; private set; } = slice.First;

    public bool AtEnd => Next == _end;

    public RldsEpisode Read()
    {
        var number = Next;
        // Unless the record's frame is whole, nothing tells where the next one begins: all that follow are lost.
        Next = _end;
        _reader ??= OpenAtFirst();
        var offset = _reader.Position;
        TfRecord record;
        try
        {
            if (!_reader.TryRead(out record))
                throw TooFew(_reader, slice.ShardLength, number);
        }
        finally
        {
            if (_reader.Position > offset)
                Next = number + 1;
            else
                _lostFrame = true;
        }

        return RldsEpisode.Parse(record, schema, number);
    }

    /// <summary>Where the slice reaches the shard's end, the file must end there too.</summary>
    public void CheckEnd()
    {
        if (_reader is { } reader && !_lostFrame && _end == slice.ShardLength && reader.Position < reader.Length)
            throw TooMany(reader, slice.ShardLength);
    }

    /// <summary>A shard that is not there.</summary>
    public static FileNotFoundException Absent(string file, int records) =>
        new($"{file}: dataset_info.json names this shard of {records} episodes, but it is absent.", file);

    /// <summary>A shard that ends after <paramref name="found"/> of its records.</summary>
    public static CorruptFileException TooFew(TfRecordReader reader, int records, int found) =>
        new(reader.Path, reader.Position, $"expected {records} records, as dataset_info.json says; the file ends after {found}");

    /// <summary>A shard that goes on behind its last record.</summary>
    public static CorruptFileException TooMany(TfRecordReader reader, int records) =>
        new(reader.Path, reader.Position, $"expected the file to end after {records} records, as dataset_info.json says; it goes on for {reader.Length - reader.Position} bytes");

    public void Dispose() => _reader?.Dispose();

    private TfRecordReader OpenAtFirst()
    {
        if (!File.Exists(slice.File))
            throw Absent(slice.File, slice.ShardLength);
        var reader = new TfRecordReader(slice.File);
        try
        {
            for (var i = 0; i < slice.First; i++)
            {
                if (!reader.TrySkip())
                    throw TooFew(reader, slice.ShardLength, i);
            }

            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }
}
