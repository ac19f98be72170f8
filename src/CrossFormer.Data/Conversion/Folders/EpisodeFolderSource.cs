using CrossFormer.Data.Conversion.Video;

namespace CrossFormer.Data.Conversion.Folders;

/// <summary>A folder whose subfolders are episodes; or, one level deeper, subfolders that are splits.</summary>
internal sealed class EpisodeFolderSource : IEpisodeSource
{
    private static readonly string[] SplitNames = ["train", "val", "test"];

    private readonly VideoReader _videos;

    /// <exception cref="EpisodeSourceException">There is no episode in it.</exception>
    public EpisodeFolderSource(string path, VideoReader videos)
    {
        (Path, _videos) = (path, videos);
        var folders = Subfolders(path);
        var holdsSplits = folders.Count > 0 && folders.TrueForAll(f => SplitNames.Contains(f));
        Episodes = holdsSplits
            ? [.. folders.SelectMany(s => Subfolders(System.IO.Path.Combine(path, s)).Select(e => new SourceEntry($"{s}/{e}", s)))]
            : [.. folders.Select(f => new SourceEntry(f))];
        // A folder of files only, or of files and cameras' folders, is one episode.
        if (!holdsSplits && EpisodeFolder.HasTables(path))
            Episodes = [new SourceEntry(".")];
        if (Episodes.Count == 0)
            throw new EpisodeSourceException(path, "", "there is no episode: expected a subfolder for each, with its tables and images or videos");
    }

    public EpisodeFormat Format => EpisodeFormat.Folder;

    public string Path { get; }

    public IReadOnlyList<SourceEntry> Episodes { get; }

    public SourceEpisode Read(int index) => new EpisodeFolder(System.IO.Path.GetFullPath(System.IO.Path.Combine(Path, Episodes[index].Name)), _videos).Read();

    public void Dispose()
    {
    }

    private static List<string> Subfolders(string path) =>
        [.. new DirectoryInfo(path).EnumerateDirectories().Select(d => d.Name).Where(n => !n.StartsWith('.')).Order(NaturalOrder.Instance)];
}
