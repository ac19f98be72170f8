using CrossFormer.Cli.Tests.House;
using CrossFormer.Statistics;
using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.Verbs;

/// <summary><c>data stats</c> computes what normalisation needs, keeps it, and compares it with files of others.</summary>
public sealed class DataStatsVerbTests
{
    [Fact]
    public async Task Bridge_GivesTheReferencesFormWithItsMask()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "dataset_statistics.json");

        var run = await CommandRun.OfAsync("data", "stats", Copy(folder), "--out", file, "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal((50, 450), ((int)run.Json["episodes"]!, (int)run.Json["steps"]!));
        Assert.Equal(25, (int)run.Json["splits"]!["val"]!["episodes"]!);
        var statistics = StatisticsCollection.Read(file)["bridge_dataset"];
        Assert.Equal((450, 50), (statistics.NumTransitions, statistics.NumTrajectories));
        Assert.Equal([true, true, true, true, true, true, false], statistics.Action.Mask!);
        Assert.Equal(run.Json["features"]!["action"]!["mean"]!.AsArray().Select(m => (double)m!), statistics.Action.Mean);
    }

    [Fact]
    public async Task Second_ComesFromTheCacheAndEqualsTheFirst()
    {
        using var folder = new TemporaryFolder();
        var dataset = Copy(folder);
        var first = await CommandRun.OfAsync("data", "stats", dataset, "--json");
        var cached = Assert.Single(Directory.EnumerateFiles(dataset, "dataset_statistics_*.json", SearchOption.AllDirectories));
        Assert.Equal(first.Output, (await CommandRun.OfAsync("data", "stats", dataset, "--json")).Output);
        // What is in the cache is believed, unless it shall be recomputed.
        File.WriteAllText(cached, File.ReadAllText(cached).Replace("\"num_trajectories\":50", "\"num_trajectories\":49"));
        Assert.Equal(49, (int)(await CommandRun.OfAsync("data", "stats", dataset, "--json")).Json["episodes"]!);
        Assert.Equal(50, (int)(await CommandRun.OfAsync("data", "stats", dataset, "--json", "--recompute")).Json["episodes"]!);
    }

    [Fact]
    public async Task Comparison_WithAnotherFileIsInItsDeviations()
    {
        using var folder = new TemporaryFolder();
        var (dataset, file) = (Copy(folder), Path.Combine(folder.Path, "other.json"));
        await CommandRun.OfAsync("data", "stats", dataset, "--out", file);
        var statistics = StatisticsCollection.Read(file)["bridge_dataset"];
        // Flat, as the reference's cache files are; the first mean moved by half a deviation.
        double[] moved = [statistics.Action.Mean[0] + statistics.Action.Std[0] / 2, .. statistics.Action.Mean[1..]];
        using (var stream = File.Create(file))
            new StatisticsCollection(new DatasetStatistics(new Dictionary<string, FeatureStatistics> { ["action"] = new(moved, statistics.Action.Std) }, 450, 50)).Write(stream);

        var run = await CommandRun.OfAsync("data", "stats", dataset, "--compare", file, "--json");

        var difference = run.Json["features"]!["action"]!["difference"]!.AsObject();
        Assert.Equal(["mean", "std"], difference.Select(d => d.Key));
        Assert.Equal(0.5, (double)difference["mean"]!, 1e-12);
        Assert.Equal(0, (double)difference["std"]!);
    }

    [Fact]
    public async Task OwnDataset_IsDescribedByAFile()
    {
        using var folder = new TemporaryFolder();
        var example = Path.Combine(Goldens.Repository, "configs", "datasets", "bridge_like.jsonc");

        var run = await CommandRun.OfAsync("data", "stats", Copy(folder), "--dataset-config", example, "--json");

        Assert.Equal("bridge_like", (string)run.Json["dataset"]!);
        Assert.Equal(450, (int)run.Json["steps"]!);
    }

    [Fact]
    public async Task UnknownConfiguration_IsAUsageErrorThatNamesWhatIsSpeltAlike()
    {
        using var folder = new TemporaryFolder();
        var run = await CommandRun.OfAsync("data", "stats", folder.Path, "--dataset-config", "bridge");
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("bridge_dataset", run.Error);
    }

    // Statistics are kept beside the dataset, and the shared one is to stay as it is. Files of a new date are another
    // dataset, whose statistics no other test has left in the user's cache.
    private static string Copy(TemporaryFolder folder)
    {
        var source = Goldens.SharedPath("data", "bridge", "bridge_dataset", "1.0.0");
        var target = Directory.CreateDirectory(Path.Combine(folder.Path, "bridge_dataset", "1.0.0")).FullName;
        foreach (var file in Directory.EnumerateFiles(source).Where(f => !Path.GetFileName(f).StartsWith("dataset_statistics_", StringComparison.Ordinal)))
            File.WriteAllBytes(Path.Combine(target, Path.GetFileName(file)), File.ReadAllBytes(file));
        return Path.Combine(folder.Path, "bridge_dataset");
    }
}
