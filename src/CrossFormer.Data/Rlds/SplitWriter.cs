using CrossFormer.Data.TfRecords;
using CrossFormer.Formats;

namespace CrossFormer.Data.Rlds;

/// <summary>The shards of one split while they are written.</summary>
internal sealed class SplitWriter : IDisposable
{
    private const int BufferBytes = 1 << 18;

    private readonly string _folder;
    private FileStream? _file;
    private BufferedStream? _buffer;
    private TfRecordWriter? _records;

    /// <summary>Takes up a split where <paramref name="state"/> says that it is; bytes beyond that are cut off.</summary>
    /// <exception cref="CorruptFileException">A shard is shorter than the state says.</exception>
    public SplitWriter(string folder, WriterProgress.Split state)
    {
        (_folder, State) = (folder, state);
        for (var i = 0; i < state.Shards.Count; i++)
        {
            var path = WorkingPath(i);
            // A crash may have come between the renaming and the end.
            if (!File.Exists(path) && Renamed() is { } renamed)
                File.Move(renamed, path);
            var length = File.Exists(path) ? new FileInfo(path).Length : 0;
            if (length < state.Shards[i].FileBytes)
                throw new CorruptFileException(path, length, $"the shard of an unfinished dataset has {length} bytes, expected {state.Shards[i].FileBytes}; delete the folder {folder} to begin anew");

            string? Renamed() => Directory.EnumerateFiles(folder, $"*-{state.Name}.tfrecord-{i:D5}-of-{state.Shards.Count:D5}").FirstOrDefault();
        }

        if (!state.Ended && state.Shards.Count > 0)
            OpenShard(FileMode.Open);
    }

    public WriterProgress.Split State { get; }

    /// <summary>What a crash would lose.</summary>
    public long UnsavedBytes { get; private set; }

    public void Append(ReadOnlySpan<byte> record, long shardBytes)
    {
        if (_records is not null && State.Shards[^1].FileBytes + record.Length > shardBytes)
            EndShard();
        if (_records is null)
        {
            State.Shards.Add(new WriterProgress.Shard());
            State.Ended = false;
            OpenShard(FileMode.Create);
        }

        _records!.Write(record);
        var shard = State.Shards[^1];
        shard.Episodes++;
        shard.FileBytes += record.Length + TfRecordWriter.OverheadBytes;
        shard.DataBytes += record.Length;
        UnsavedBytes += record.Length + TfRecordWriter.OverheadBytes;
        State.Position++;
    }

    public void EndShard()
    {
        Flush();
        Close();
        State.Ended = true;
    }

    public void Flush()
    {
        _buffer?.Flush();
        _file?.Flush(flushToDisk: true);
        UnsavedBytes = 0;
    }

    /// <summary>Gives the shards the names that only the last one decides.</summary>
    public void Rename(string dataset)
    {
        for (var i = 0; i < State.Shards.Count; i++)
            File.Move(WorkingPath(i), Path.Combine(_folder, $"{dataset}-{State.Name}.tfrecord-{i:D5}-of-{State.Shards.Count:D5}"));
    }

    public void Dispose() => Close();

    private void OpenShard(FileMode mode)
    {
        _file = new FileStream(WorkingPath(State.Shards.Count - 1), mode, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _file.SetLength(State.Shards[^1].FileBytes);
        _file.Seek(0, SeekOrigin.End);
        _buffer = new BufferedStream(_file, BufferBytes);
        _records = new TfRecordWriter(_buffer);
    }

    private void Close()
    {
        _buffer?.Dispose();
        (_file, _buffer, _records) = (null, null, null);
    }

    private string WorkingPath(int shard) => Path.Combine(_folder, $"{State.Name}-{shard:D5}.tfrecord");
}
