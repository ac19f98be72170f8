using CrossFormer.Arrays;
using CrossFormer.Data.Conversion;
using CrossFormer.Data.Rlds;
using CrossFormer.Formats;
using CrossFormer.Testing;
using PureHDF;
using PureHDF.Filters;

namespace CrossFormer.Fuzz;

/// <summary>The readers of what is converted, with seeds from the golden recordings of every form and from small files of other layouts.</summary>
/// <param name="folder">A folder for the damaged files.</param>
internal sealed class ConversionTargets(string folder)
{
    // Chunks and pages may be compressed; of what they hold there are several copies, wider than it was.
    private const long Inflated = 1L << 17;

    private int _conversions;

    public IReadOnlyList<FuzzTarget> All() =>
    [
        Target("hdf5-aloha", "episode_0.hdf5", EpisodeFormat.Aloha, [.. Recordings(), File.ReadAllBytes(Golden("aloha", "episode_1.hdf5"))]),
        Target("hdf5-robomimic", "demo.hdf5", EpisodeFormat.Robomimic, [.. Demonstrations(), File.ReadAllBytes(Golden("robomimic.hdf5"))]),
        Target("hdf5-libero", "demo.hdf5", EpisodeFormat.Libero, [.. Demonstrations(), File.ReadAllBytes(Golden("libero.hdf5"))]),
        Target("parquet", "episode/steps.parquet", EpisodeFormat.Folder, [.. Files("lerobot_v21_images", "*.parquet"), .. Files("lerobot_v30", "*.parquet"), .. Files("lerobot_v21", "*.parquet")]),
        Target("csv", "episode/actions.csv", EpisodeFormat.Folder, [.. Files("folder", "*.csv"), "x,\"y, \"\"z\"\"\"\r\n1,-2e3\r\ntrue,3\r\n"u8.ToArray()]),
        Target("csv-steps", "episode/steps.csv", EpisodeFormat.Folder, ["action.x,action.y,state_0,state_1,reward,task\r\n1,-2e3,5,6,0,\"push, \"\"it\"\"\"\r\ntrue,3,8,9,1,x\r\n"u8.ToArray()]),
        // The videos that it names are not decoded: that is another program's work.
        Target("json", "episode/steps.json", EpisodeFormat.Folder, [.. Files("folder", "*.json"), """{"instruction":"push","fps":5,"success":true,"videos":{"front":"a.mp4"},"action":[[1,2],[3,4]],"reward":[0,1]}"""u8.ToArray()], withFrames: false),
        Target("arrays-npz", "episode/steps.npz", EpisodeFormat.Folder, [Arrays()]),
        Conversion(),
        LeRobot("lerobot-info", "meta/info.json", "lerobot_v21_images"),
        LeRobot("lerobot-episodes", "meta/episodes.jsonl", "lerobot_v21_images"),
        LeRobot("lerobot-tasks", "meta/tasks.jsonl", "lerobot_v21_images"),
        LeRobot("lerobot3-info", "meta/info.json", "lerobot_v30"),
        LeRobot("lerobot3-meta", Path.GetRelativePath(Golden("lerobot_v30"), Files(Golden("lerobot_v30", "meta", "episodes")).First()), "lerobot_v30"),
    ];

    private static string Golden(params string[] path) => Goldens.File(["foreign", .. path]);

    private static IEnumerable<string> Files(string path) => Directory.EnumerateFiles(path, "*.parquet", SearchOption.AllDirectories).Order();

    private static IEnumerable<byte[]> Files(string form, string pattern) =>
        Directory.EnumerateFiles(Golden(form), pattern, SearchOption.AllDirectories).Order().Select(File.ReadAllBytes);

    private static void ReadAll(string path, EpisodeFormat format, bool withFrames)
    {
        using var source = EpisodeSources.Open(path, format);
        for (var i = 0; i < Math.Min(source.Episodes.Count, 3); i++)
        {
            foreach (var (_, frames) in source.Read(i).Cameras.Where(_ => withFrames))
                _ = frames.Take(3).Count();
        }
    }

    private FuzzTarget Target(string name, string file, EpisodeFormat format, IReadOnlyList<byte[]> seeds, bool withFrames = true)
    {
        var source = Path.Combine(folder, name);
        var path = Path.Combine(source, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new(name, seeds, bytes =>
        {
            File.WriteAllBytes(path, bytes);
            ReadAll(source, format, withFrames);
        }, Inflated)
        { IsRefusal = e => e is EpisodeSourceException or CorruptFileException };
    }

    // To the end: what the readers let pass must be a dataset, or refused as an episode.
    private FuzzTarget Conversion()
    {
        var reading = Target("conversion", "episode/steps.npz", EpisodeFormat.Folder, [Arrays()]);
        return reading with
        {
            Read = bytes =>
            {
                reading.Read(bytes);
                using var source = EpisodeSources.Open(Path.Combine(folder, "conversion"), EpisodeFormat.Folder);
                EpisodeConverter.Convert(source, Path.Combine(folder, "converted"), new RldsDatasetInfo($"fuzz{_conversions++}"));
            },
        };
    }

    private FuzzTarget LeRobot(string name, string file, string form)
    {
        foreach (var original in Directory.EnumerateFiles(Golden(form), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, name, Path.GetRelativePath(Golden(form), original));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllBytes(copy, File.ReadAllBytes(original));
        }

        return Target(name, file, EpisodeFormat.LeRobot, [File.ReadAllBytes(Path.Combine(folder, name, file))], withFrames: false);
    }

    // Small, so that damage hits what matters: contiguous, chunked, compressed.
    private IEnumerable<byte[]> Recordings()
    {
        foreach (var (chunks, filters) in Layouts())
        {
            yield return Written(new H5File
            {
                ["action"] = new H5Dataset(new float[4, 7], chunks: chunks is null ? null : [2, 7], datasetCreation: new(Filters: filters)),
                ["observations"] = new H5Group { ["qpos"] = new double[4, 7], ["images"] = new H5Group { ["cam"] = Camera(chunks, filters) } },
                ["language_raw"] = new[] { "push it" },
            });
        }
    }

    private IEnumerable<byte[]> Demonstrations()
    {
        foreach (var (chunks, filters) in Layouts())
        {
            var demo = new H5Group
            {
                ["actions"] = new double[4, 7],
                ["rewards"] = new float[4],
                ["obs"] = new H5Group { ["ee_states"] = new float[4, 6], ["gripper_states"] = new float[4, 2], ["agentview_rgb"] = Camera(chunks, filters) },
            };
            yield return Written(new H5File
            {
                ["data"] = new H5Group { Attributes = new() { ["problem_info"] = """{"language_instruction":"push it"}""" }, ["demo_0"] = demo },
                ["mask"] = new H5Group { ["valid"] = new[] { "demo_0" } },
            });
        }
    }

    private static (uint[]? Chunks, List<H5Filter> Filters)[] Layouts() => [(null, []), ([1, 6, 8, 3], []), ([3, 4, 4, 3], [ShuffleFilter.Id, DeflateFilter.Id])];

    private static H5Dataset Camera(uint[]? chunks, List<H5Filter> filters) => new(new byte[4, 6, 8, 3], chunks: chunks, datasetCreation: new(Filters: filters));

    private byte[] Written(H5File file)
    {
        var path = Path.Combine(folder, "seed.hdf5");
        file.Write(path);
        return File.ReadAllBytes(path);
    }

    private static byte[] Arrays()
    {
        using var stream = new MemoryStream();
        Npz.Write(stream,
        [
            new("action", new MemoryArray(NdArray.Zeros(DType.Float32, 2, 7))), new("reward", new MemoryArray(NdArray.From([0f, 1], 2))), new("success", new MemoryArray(NdArray.From([true, true], 2))),
            new("cam", new MemoryArray(NdArray.Zeros(DType.UInt8, 2, 4, 4, 3))), new("timestamp", new MemoryArray(NdArray.From([0d, 0.1], 2))),
        ]);
        return stream.ToArray();
    }
}
