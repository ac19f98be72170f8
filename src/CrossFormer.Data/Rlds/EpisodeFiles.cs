using System.Collections.Concurrent;
using CrossFormer.Data.TfRecords;
using CrossFormer.Formats;

namespace CrossFormer.Data.Rlds;

/// <summary>
/// The episodes of a split in any order. Where a shard's records begin is found out when the first of them is asked for and
/// kept, 8 bytes a record. Thread-safe.
/// </summary>
internal sealed class EpisodeFiles
{
    private readonly RldsSchema _schema;
    private readonly RldsReadOptions _options;
    private readonly RldsShardSlice[] _slices;
    private readonly int[] _ends;
    private readonly Lazy<long[]>[] _offsets;
    private readonly ConcurrentBag<RecordBuffer> _buffers = [];

    public EpisodeFiles(RldsSchema schema, IReadOnlyList<RldsShardSlice> slices, RldsReadOptions options)
    {
        (_schema, _slices, _options) = (schema, [.. slices], options);
        _ends = new int[_slices.Length];
        _offsets = new Lazy<long[]>[_slices.Length];
        var shards = new Dictionary<string, Lazy<long[]>>();
        for (var i = 0; i < _slices.Length; i++)
        {
            Count += _slices[i].Count;
            _ends[i] = Count;
            var (file, records) = (_slices[i].File, _slices[i].ShardLength);
            if (!shards.TryGetValue(file, out _offsets[i]!))
                shards.Add(file, _offsets[i] = new(() => Locate(file, records)));
        }

        Bytes = _slices.Sum(s => new FileInfo(s.File) is { Exists: true, Length: var length } ? length * s.Count / s.ShardLength : 0);
    }

    /// <summary>Number of episodes.</summary>
    public int Count { get; }

    /// <summary>About how many bytes of files they are.</summary>
    public long Bytes { get; }

    /// <summary>File and record of an episode, for error messages.</summary>
    public string Origin(int episode)
    {
        var (slice, record) = Find(episode);
        return $"{_slices[slice].File}, record {record}";
    }

    /// <summary>
    /// Reads an episode and hands it over. Its memory is valid during the call only: the next episode is read into it.
    /// </summary>
    /// <returns>What <paramref name="use"/> returns; default when the record is damaged and such are skipped.</returns>
    /// <exception cref="CorruptFileException">The record is damaged, or its shard is not as dataset_info.json says.</exception>
    public T? Read<T>(int episode, Func<RldsEpisode, T> use)
    {
        var (slice, record) = Find(episode);
        if (record >= _offsets[slice].Value.Length)
            return default;
        var buffer = _buffers.TryTake(out var used) ? used : new RecordBuffer();
        try
        {
            using var reader = new TfRecordReader(_slices[slice].File, buffer);
            reader.Seek(_offsets[slice].Value[record]);
            RldsEpisode parsed;
            try
            {
                parsed = reader.TryRead(out var data)
                    ? RldsEpisode.Parse(data, _schema, record)
                    : throw new CorruptFileException(reader.Path, reader.Position, "the file became shorter while it was read");
            }
            catch (IOException e) when (_options.SkipBad)
            {
                _options.OnSkipped?.Invoke(1, e);
                return default;
            }

            return use(parsed);
        }
        finally
        {
            _buffers.Add(buffer);
        }
    }

    private (int Slice, int Record) Find(int episode)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)episode, (uint)Count, nameof(episode));
        var slice = Array.BinarySearch(_ends, episode);
        // A found end belongs to the slice before; of equal ends there are none, for no slice is empty.
        slice = slice >= 0 ? slice + 1 : ~slice;
        return (slice, _slices[slice].First + episode - (_ends[slice] - _slices[slice].Count));
    }

    // Where each record begins. A shard that ends early, or whose frames break off, has fewer when such are skipped.
    private long[] Locate(string file, int records)
    {
        var offsets = new List<long>(records);
        try
        {
            if (!File.Exists(file))
                throw ShardReader.Absent(file, records);
            using var reader = new TfRecordReader(file);
            for (var offset = reader.Position; offsets.Count < records; offset = reader.Position)
            {
                if (!reader.TrySkip())
                    throw ShardReader.TooFew(reader, records, offsets.Count);
                offsets.Add(offset);
            }

            if (reader.Position < reader.Length)
                throw ShardReader.TooMany(reader, records);
        }
        catch (IOException e) when (_options.SkipBad)
        {
            _options.OnSkipped?.Invoke(records - offsets.Count, e);
        }

        return [.. offsets];
    }
}
