using System.Text;
using CrossFormer.Data.Conversion.Tables;
using CrossFormer.Data.Rlds;

namespace CrossFormer.Data.Conversion.LeRobot;

/// <summary>Where an episode's parts lie.</summary>
/// <param name="Index">Its number in the dataset.</param>
/// <param name="Length">Its steps.</param>
/// <param name="DataFile">The Parquet file that holds its rows, maybe among others.</param>
/// <param name="Videos">By feature: the file, and when the episode begins in it, in seconds.</param>
internal sealed record LeRobotEpisode(int Index, int Length, string DataFile, IReadOnlyDictionary<string, (string File, double From)> Videos)
{
    /// <summary>All episodes, and the tasks' texts by number.</summary>
    public static (List<LeRobotEpisode> Episodes, Dictionary<long, string> Tasks) ReadAll(LeRobotInfo info) => info.IsVersion3 ? ReadVersion3(info) : ReadVersion2(info);

    // A file an episode; JSON lines beside.
    private static (List<LeRobotEpisode>, Dictionary<long, string>) ReadVersion2(LeRobotInfo info)
    {
        var tasks = TasksOf(info.MetaFile("tasks.jsonl"), Lines(info.MetaFile("tasks.jsonl")).Select(t => (t["task_index"].Int32(), t["task"].Text())));
        string[] cameras = [.. info.Features.Where(f => f.IsVideo).Select(f => f.Key)];
        var episodes = new List<LeRobotEpisode>();
        foreach (var line in Lines(info.MetaFile("episodes.jsonl")))
        {
            var index = line["episode_index"].Int32();
            (string, int)[] numbers = [("episode_chunk", index / info.EpisodesPerChunk), ("episode_index", index)];
            episodes.Add(new(index, line["length"].Int32(), info.DataFile(numbers), cameras.ToDictionary(c => c, c => (info.VideoFile(c, numbers), 0.0))));
        }

        return (episodes, tasks);
    }

    // Many episodes a file; Parquet beside.
    private static (List<LeRobotEpisode>, Dictionary<long, string>) ReadVersion3(LeRobotInfo info)
    {
        string[] cameras = [.. info.Features.Where(f => f.IsVideo).Select(f => f.Key)];
        var episodes = new List<LeRobotEpisode>();
        var folder = info.MetaFile("episodes");
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.parquet", SearchOption.AllDirectories) : [];
        foreach (var file in files.Order(NaturalOrder.Instance))
        {
            using var table = ParquetTable.Open(file);
            int[] indices = table.Indices("episode_index"), lengths = table.Indices("length");
            var data = (Chunks: table.Indices("data/chunk_index"), Files: table.Indices("data/file_index"));
            var videos = Array.ConvertAll(cameras, c => (
                Key: c, Chunks: table.Indices($"videos/{c}/chunk_index"), Files: table.Indices($"videos/{c}/file_index"), From: table.Numbers($"videos/{c}/from_timestamp").ToDoubles()));
            for (var i = 0; i < indices.Length; i++)
                episodes.Add(new(
                    indices[i],
                    lengths[i],
                    info.DataFile(("chunk_index", data.Chunks[i]), ("file_index", data.Files[i])),
                    videos.ToDictionary(v => v.Key, v => (info.VideoFile(v.Key, ("chunk_index", v.Chunks[i]), ("file_index", v.Files[i])), v.From[i]))));
        }

        using var tasks = ParquetTable.Open(info.MetaFile("tasks.parquet"));
        // The text was pandas' index, which got a name of its own with release 0.4.0.
        var texts = tasks.Texts(tasks.Columns.Contains("task") ? "task" : "__index_level_0__");
        return ([.. episodes.OrderBy(e => e.Index)], TasksOf(info.MetaFile("tasks.parquet"), tasks.Indices("task_index").Zip(texts)));
    }

    private static Dictionary<long, string> TasksOf(string file, IEnumerable<(int Index, string Text)> tasks)
    {
        var texts = new Dictionary<long, string>();
        foreach (var (index, text) in tasks)
        {
            if (!texts.TryAdd(index, text))
                throw new EpisodeSourceException(file, $"task {index}", "it is there twice; the steps name their tasks by these numbers");
        }

        return texts;
    }

    private static IEnumerable<JsonValue> Lines(string file)
    {
        if (!File.Exists(file))
            throw new EpisodeSourceException(file, "", "there is no such file");
        return File.ReadLines(file).Where(l => l.Trim().Length > 0).Select(l => JsonValue.Read(Encoding.UTF8.GetBytes(l), file));
    }
}
