using CrossFormer.Data.Tests.Mixtures;
using CrossFormer.Data.Trajectories;
using CrossFormer.Formats;
using CrossFormer.Statistics;

namespace CrossFormer.Data.Tests.Trajectories;

/// <summary>Statistics are computed once, found again only for what they were computed of, and taken from the reference's files too.</summary>
public sealed class StatisticsCacheTests
{
    [Fact]
    public void Second_IsReadFromTheDatasetsFolder()
    {
        using var folder = new TemporaryFolder();
        var source = Source(folder);
        var first = Get(source, folder);
        var file = Assert.Single(Cached(source.Dataset.Folder));
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"num_trajectories\":3", "\"num_trajectories\":77"));
        Assert.Equal((3, 77), (first.NumTrajectories, Get(source, folder).NumTrajectories));
        Assert.Equal(3, Get(source, folder, recompute: true).NumTrajectories);
        Assert.Equal(first.Action.Mean, Get(source, folder).Action.Mean);
    }

    [Fact]
    public void Hash_ChangesWithWhateverTheStatisticsDependOn()
    {
        using var folder = new TemporaryFolder();
        var source = Source(folder);
        DatasetSource[] different =
        [
            source, source with { Standardize = t => t, StandardizeName = "a" }, source with { Standardize = t => t, StandardizeName = "b" },
            source with { ProprioKeys = new Dictionary<string, string?> { ["other"] = "state" } }, source with { Filters = [TrajectoryFilter.Containing("language_instruction", "1")] },
            source with { Filters = [TrajectoryFilter.Containing("language_instruction", "2")] }, source with { ReadOptions = new() { SkipBad = true } },
        ];
        var hashes = different.Select(s => StatisticsCache.Hash(s, StatisticsArithmetic.Exact)).Append(StatisticsCache.Hash(source, StatisticsArithmetic.Reference)).ToArray();
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
        // What only the training cares for changes nothing, and a function without a name is never cached.
        Assert.Equal(hashes[0], StatisticsCache.Hash(source with { Normalization = Normalization.Bounds, ImageKeys = new Dictionary<string, string?>() }, StatisticsArithmetic.Exact));
        Assert.Null(StatisticsCache.Hash(source with { Standardize = t => t }, StatisticsArithmetic.Exact));
    }

    [Fact]
    public void ShardsWrittenAnew_AreAnotherDataset()
    {
        using var folder = new TemporaryFolder();
        var source = Source(folder);
        Get(source, folder);
        var shard = source.Dataset.Splits[0].Files[0];
        File.SetLastWriteTimeUtc(shard, File.GetLastWriteTimeUtc(shard).AddSeconds(1));
        Get(source, folder);
        Assert.Equal(2, Cached(source.Dataset.Folder).Length);
    }

    [Fact]
    public void ReadOnlyFolder_StaysAsItIs()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no Unix permissions.");
            return;
        }

        using var folder = new TemporaryFolder();
        var source = Source(folder);
        var mode = File.GetUnixFileMode(source.Dataset.Folder);
        File.SetUnixFileMode(source.Dataset.Folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Get(source, folder);
            Assert.Empty(Cached(source.Dataset.Folder));
            Assert.Single(Cached(folder.File("user")));
        }
        finally
        {
            File.SetUnixFileMode(source.Dataset.Folder, mode);
        }
    }

    [Fact]
    public void ReferencesCacheFile_IsTakenAsItIs()
    {
        using var folder = new TemporaryFolder();
        // Flat, with counts, as the reference writes it beside the dataset.
        var file = folder.Write("dataset_statistics_0123.json", """
            {"action": {"mean": [1.0, 2.0], "std": [0.5, 0.25], "max": [3.0, 3.0], "min": [0.0, 0.0], "p99": [2.9, 2.9], "p01": [0.1, 0.1]},
             "proprio_arm": {"mean": [0.0, NaN], "std": [1.0, 1.0], "max": [1.0, 1.0], "min": [0.0, 0.0], "p99": [1.0, 1.0], "p01": [0.0, 0.0]},
             "num_transitions": 12, "num_trajectories": 3}
            """u8);
        var source = Source(folder) with { Statistics = StatisticsCollection.Read(file)["toy"] };
        Assert.Equal([1.0, 2.0], Get(source, folder).Action.Mean);
        Assert.Empty(Cached(source.Dataset.Folder));
    }

    [Fact]
    public void DamagedCache_IsNamed()
    {
        using var folder = new TemporaryFolder();
        var source = Source(folder);
        Get(source, folder);
        var file = Assert.Single(Cached(source.Dataset.Folder));
        File.WriteAllText(file, "{");
        Assert.Contains(Path.GetFileName(file), Assert.Throws<CorruptFileException>(() => Get(source, folder)).Message);
    }

    private static DatasetSource Source(TemporaryFolder folder) => SmallDataset.Write(folder, "toy", 3, _ => 4) with { Statistics = null };

    private static DatasetStatistics Get(DatasetSource source, TemporaryFolder folder, bool recompute = false) =>
        StatisticsCache.GetOrCompute(source, folder.File("user"), StatisticsArithmetic.Exact, recompute, null, TestContext.Current.CancellationToken);

    private static string[] Cached(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "dataset_statistics_*.json") : [];
}
