using CrossFormer.Arrays;
using CrossFormer.Data.Conversion.Tables;
using CrossFormer.Data.Conversion.Video;

namespace CrossFormer.Data.Conversion.LeRobot;

/// <summary>
/// A LeRobot dataset: rows in Parquet, frames in videos or in the rows. A step's task is its row's <c>task_index</c>; a step's frame
/// is the one that the video shows at the row's time.
/// </summary>
internal sealed class LeRobotSource : IEpisodeSource
{
    // LeRobot's own: a frame that is further off means that rows and video do not belong together.
    private const double Tolerance = 1e-4;

    private readonly LeRobotInfo _info;
    private readonly VideoReader _videos;
    private readonly List<LeRobotEpisode> _episodes;
    private readonly Dictionary<long, string> _tasks;
    private (string File, ParquetTable Table, NdArray Episodes)? _open;

    public LeRobotSource(string path, VideoReader videos)
    {
        (Path, _videos, _info) = (path, videos, LeRobotInfo.Read(path));
        (_episodes, _tasks) = LeRobotEpisode.ReadAll(_info);
        Episodes = [.. _episodes.Select(e => new SourceEntry($"episode_{e.Index:D6}", _info.SplitOf(e.Index)))];
    }

    public EpisodeFormat Format => EpisodeFormat.LeRobot;

    public string Path { get; }

    public IReadOnlyList<SourceEntry> Episodes { get; }

    public SourceEpisode Read(int index)
    {
        var episode = _episodes[index];
        var (table, first, count) = Find(episode);
        var numbers = new OrderedDictionary<string, NdArray>();
        var cameras = new OrderedDictionary<string, IEnumerable<SourceFrame>>();
        var texts = new Dictionary<string, string[]>();
        var times = Read("timestamp").Numbers!.ToDoubles();
        foreach (var feature in _info.Features.Where(f => !f.IsBookkeeping))
        {
            if (feature.IsVideo)
            {
                var (file, from) = episode.Videos[feature.Key];
                Put(cameras, feature, TimedFrames.At(_videos, file, Array.ConvertAll(times, t => from + t), Tolerance));
                continue;
            }

            var column = Read(feature.Key);
            if (column.Files is { } files)
                Put(cameras, feature, files.Select(f => new SourceFrame(f)));
            else if (column.Texts is { } words)
                Put(texts, feature, words);
            else
                Put(numbers, feature, Shaped(column.Numbers!, feature, episode));
        }

        numbers.Remove("next_reward", out var rewards);
        numbers.Remove("next_success", out var success);
        texts.Remove("language_instruction", out var instructions);
        return new SourceEpisode
        {
            StepCount = count,
            Numbers = numbers,
            Texts = texts,
            Cameras = cameras,
            Instructions = Tasks(episode, table, first, count) ?? instructions,
            Rewards = rewards,
            Success = success is null ? null : success.ToDoubles().Any(s => s != 0),
            FramesPerSecond = _info.FramesPerSecond,
            Descriptions = _info.Features.Where(f => f.Names.Length > 0 && !f.IsVideo).ToDictionary(f => f.Name, f => f.Names),
        };

        TableColumn Read(string key) => table.Read(key, first, count);

        void Put<T>(IDictionary<string, T> target, LeRobotFeature feature, T value)
        {
            if (!target.TryAdd(feature.Name, value))
                throw Wrong(episode, $"two features become '{feature.Name}'; '{feature.Key}' is one of them");
        }
    }

    public void Dispose()
    {
        _open?.Table.Dispose();
        _open = null;
    }

    // An episode's rows lie one after another, somewhere in its file.
    private (ParquetTable Table, int First, int Count) Find(LeRobotEpisode episode)
    {
        if (_open?.File != episode.DataFile)
        {
            Dispose();
            var table = ParquetTable.Open(episode.DataFile);
            try
            {
                _open = (episode.DataFile, table, table.Numbers("episode_index"));
            }
            catch
            {
                table.Dispose();
                throw;
            }
        }

        var open = _open!.Value;
        var owners = open.Episodes.ToDoubles();
        var first = Array.IndexOf(owners, episode.Index);
        var count = owners.Count(o => o == episode.Index);
        if (first < 0 || owners.AsSpan(first, count).ContainsAnyExcept(episode.Index))
            throw Wrong(episode, first < 0 ? "its rows are missing" : "its rows do not lie together");
        return count == episode.Length ? (open.Table, first, count) : throw Wrong(episode, $"{count} rows, but meta says {episode.Length}");
    }

    private string[]? Tasks(LeRobotEpisode episode, ParquetTable table, int first, int count)
    {
        if (!table.Columns.Contains("task_index"))
            return null;
        var indices = table.Read("task_index", first, count).Numbers!.ToDoubles();
        return Array.ConvertAll(indices, i => _tasks.TryGetValue((long)i, out var text) ? text : throw Wrong(episode, $"there is no task {i}"));
    }

    // Lists come as they are; info.json tells when a list of one is a number, or a flat list a matrix.
    private static NdArray Shaped(NdArray values, LeRobotFeature feature, LeRobotEpisode episode)
    {
        int[] shape = feature.Shape is [1] ? [] : feature.Shape;
        return values.Count == shape.Aggregate((double)values.Shape[0], (n, d) => n * d)
            ? values.Reshape([values.Shape[0], .. shape])
            : throw Wrong(episode, $"'{feature.Key}' is {values}, info.json says [{string.Join(',', feature.Shape)}] a step");
    }

    private static EpisodeSourceException Wrong(LeRobotEpisode episode, string problem) => new(episode.DataFile, $"episode {episode.Index}", problem);
}
