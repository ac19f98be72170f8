using CrossFormer.Data.Conversion.Tables;
using CrossFormer.Data.Conversion.Video;
using CrossFormer.Data.Rlds;
using CrossFormer.Formats;

namespace CrossFormer.Data.Conversion.Folders;

/// <summary>One episode as a folder. <c>docs/your-data.md</c> says which file becomes what.</summary>
/// <param name="path">The folder.</param>
/// <param name="videos">Reads its videos.</param>
internal sealed class EpisodeFolder(string path, VideoReader videos)
{
    // The camera of images that lie in the episode's own folder, and of a video called video.mp4.
    private const string Unnamed = "image";

    private static readonly string[] TableEndings = [".csv", ".json", ".parquet", ".npz", ".npy"];
    private static readonly string[] VideoEndings = [".mp4", ".mkv", ".mov", ".avi", ".webm"];
    private static readonly string[] ImageEndings = [".jpg", ".jpeg", ".png"];

    // Tables that hold many features, a column each; any other table is one feature, called as the file is.
    private static readonly string[] Gathering = ["steps", "data", "episode"];

    private readonly EpisodeColumns _columns = new(path);
    private readonly OrderedDictionary<string, IEnumerable<SourceFrame>> _cameras = [];
    private readonly ConfinedFolder _confined = new(path);
    private readonly HashSet<string> _knownVideos = [];

    /// <summary>Whether a folder holds the tables of an episode.</summary>
    public static bool HasTables(string path) => new DirectoryInfo(path).EnumerateFiles().Any(f => Is(f.Name, TableEndings) && !f.Name.StartsWith('.'));

    public SourceEpisode Read()
    {
        var files = Visible(new DirectoryInfo(path).EnumerateFiles());
        foreach (var name in files.Where(f => Is(f, TableEndings)))
            ReadTable(name);
        foreach (var name in files.Where(f => System.IO.Path.GetFileNameWithoutExtension(f) is "instruction" or "language" or "task" && f.EndsWith(".txt", StringComparison.Ordinal)))
            _columns.Instruction = File.ReadAllText(Inside(name)).Trim();
        AddCamera(Unnamed, path, files);
        foreach (var folder in Visible(new DirectoryInfo(path).EnumerateDirectories()))
            AddCamera(folder, System.IO.Path.Combine(path, folder), Visible(new DirectoryInfo(System.IO.Path.Combine(path, folder)).EnumerateFiles()));
        foreach (var video in files.Where(f => Is(f, VideoEndings) && !_knownVideos.Contains(f)))
            AddVideo(System.IO.Path.GetFileNameWithoutExtension(video), video);
        foreach (var (name, images) in _columns.ImageFiles)
            Add(name, images.Select((file, t) => ReadImage(_confined.Resolve(file, path, 0), $"step {t}")));
        return _columns.ToEpisode(_cameras);
    }

    private static bool Is(string file, string[] endings) => endings.Contains(System.IO.Path.GetExtension(file).ToLowerInvariant());

    private static List<string> Visible(IEnumerable<FileSystemInfo> entries) => [.. entries.Select(e => e.Name).Where(n => !n.StartsWith('.')).Order(NaturalOrder.Instance)];

    private string Inside(string name) => System.IO.Path.Combine(path, name);

    private void ReadTable(string name)
    {
        var (file, stem) = (Inside(name), System.IO.Path.GetFileNameWithoutExtension(name));
        var isOne = !Gathering.Contains(stem);
        switch (System.IO.Path.GetExtension(name).ToLowerInvariant())
        {
            case ".csv" when isOne:
                _columns.AddMatrix(stem, CsvTable.Read(file), file);
                break;
            case ".csv":
                _columns.AddColumns(CsvTable.Read(file), file);
                break;
            case ".json":
                ReadJson(JsonValue.ReadFile(file), file);
                break;
            case ".parquet":
                using (var table = ParquetTable.Open(file))
                    _columns.AddColumns(table.Columns.Select(c => KeyValuePair.Create(c, table.Read(c))), file);
                break;
            case ".npz":
                _columns.AddColumns(Npz.Read(file).Where(a => a.Value.Shape.Length > 0).Select(a => KeyValuePair.Create(a.Key, new TableColumn(a.Value))), file);
                break;
            case ".npy":
                using (var stream = File.OpenRead(file))
                    _columns.Add(stem, Npz.ReadNpy(stream, file) is { Shape.Length: > 0 } rows ? new TableColumn(rows) : throw new EpisodeSourceException(file, "", "one number alone; expected a row a step"), file);
                break;
        }
    }

    private void ReadJson(JsonValue root, string file)
    {
        foreach (var (name, value) in root.Members())
        {
            switch (name)
            {
                case "instruction" or "language_instruction" or "task" when value.IsText:
                    _columns.Instruction = value.Text();
                    break;
                case "fps":
                    _columns.FramesPerSecond = value.Double();
                    break;
                case "success" when !value.IsArray:
                    _columns.Success = value.Bool();
                    break;
                case "video":
                    AddVideo(Unnamed, value.Text());
                    break;
                case "videos":
                    foreach (var (camera, video) in value.Members())
                        AddVideo(camera, video.Text());
                    break;
                case "steps":
                    _columns.AddColumns(JsonTable.Steps(value), file);
                    break;
                default:
                    // Whatever else people note down about an episode is no column.
                    if (value.IsArray)
                        _columns.Add(name, JsonTable.Column(value), file);
                    break;
            }
        }
    }

    private void AddCamera(string name, string folder, List<string> files)
    {
        List<string> images = [.. files.Where(f => Is(f, ImageEndings))];
        if (images.Count > 0)
            Add(name, images.Select(f => ReadImage(System.IO.Path.Combine(folder, f), $"camera '{name}'")));
    }

    private void AddVideo(string name, string file)
    {
        var video = _confined.Resolve(file, path, 0);
        _knownVideos.Add(file);
        Add(name == "video" ? Unnamed : name, videos.Read(video).Select(f => new SourceFrame(f.Pixels)));
    }

    private void Add(string camera, IEnumerable<SourceFrame> frames)
    {
        if (!_cameras.TryAdd($"observation/{camera}", frames))
            throw new EpisodeSourceException(path, $"camera '{camera}'", "its frames are there twice: as images, as a video, or as columns");
    }

    private SourceFrame ReadImage(string file, string what) =>
        File.Exists(file) ? new SourceFrame(File.ReadAllBytes(file)) : throw new EpisodeSourceException(path, what, $"there is no image {file}");
}
