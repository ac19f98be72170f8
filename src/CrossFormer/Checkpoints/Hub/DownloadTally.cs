namespace CrossFormer.Checkpoints.Hub;

/// <summary>Adds up the bytes of files that arrive at the same time, and reports them.</summary>
internal sealed class DownloadTally(IProgress<HubProgress>? progress)
{
    private long _bytes;
    private long? _size;

    /// <summary>Sets what there is to do.</summary>
    public void Start(IEnumerable<HubFile> files)
    {
        var sizes = files.Select(f => f.Size).ToList();
        _size = sizes.Contains(null) ? null : sizes.Sum();
    }

    /// <summary>More bytes of a file are here; fewer, when it must be downloaded again.</summary>
    public void Add(string file, long bytes) => progress?.Report(new HubProgress(file, Interlocked.Add(ref _bytes, bytes), _size));

    /// <summary>Tells the user something.</summary>
    public void Note(string text) => progress?.Report(new HubProgress("", Interlocked.Read(ref _bytes), _size, text));
}
