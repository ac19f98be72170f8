using System.Text.Json;
using CrossFormer.Data.Frames;
using CrossFormer.Data.Mixtures;
using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.Tests.Mixtures;

public class BatchLoaderTests
{
    private static readonly LoaderOptions Options = new()
    {
        BatchSize = 8,
        Seed = 7,
        Split = "train",
        MemoryBudget = 20_000,
        Frames = new FrameOptions { Size = new ImageSize(6, 5), Augmentations = new Dictionary<string, IReadOnlyList<Augmentation>> { ["primary"] = FrameOptions.WorkspaceAugmentations } },
        Trajectories = new TrajectoryOptions { Chunks = new ChunkOptions { Window = 3, Horizon = 2 }, RelabelGoals = true, KeepImageProbability = 0.5 },
    };

    private static DatasetSource Write(TemporaryFolder folder, string name = "small", int episodes = 12) => SmallDataset.Write(folder, name, episodes, e => 3 + (e % 5));

    private static List<string> Contents(BatchLoader loader, int batches)
    {
        var contents = new List<string>();
        for (var i = 0; i < batches; i++)
        {
            using var batch = loader.Read(TestContext.Current.CancellationToken)!;
            contents.Add(SmallDataset.Content(batch));
        }

        return contents;
    }

    [Theory]
    [InlineData(1_000_000), InlineData(20_000), InlineData(3_000)]
    public void Shuffled_EveryFrameComesOnceAnEpoch(long budget)
    {
        using var folder = new TemporaryFolder();
        var frames = Enumerable.Range(0, 12).SelectMany(e => Enumerable.Range(0, 3 + (e % 5)).Select(t => (e, t))).ToHashSet();
        using var loader = new BatchLoader(Write(folder), Options with { MemoryBudget = budget });
        var seen = new Dictionary<int, HashSet<(int, int)>>();
        for (var i = 0; i < 8 * frames.Count / Options.BatchSize; i++)
        {
            using var batch = loader.Read(TestContext.Current.CancellationToken)!;
            foreach (var origin in batch.Origins)
            {
                if (!seen.TryGetValue(origin.Epoch, out var epoch))
                    seen.Add(origin.Epoch, epoch = []);
                Assert.True(epoch.Add((origin.Episode, origin.Step)), $"{origin} came twice");
            }
        }

        // The stream begins in its middle: of the first epoch some frames are missing, and the last ones are not over.
        for (var e = 1; e < 4; e++)
            Assert.Equal(frames.Order(), seen[e].Order());
    }

    [Fact]
    public void Samples_HoldWhatTheirOriginSays()
    {
        using var folder = new TemporaryFolder();
        var plain = Options with { Frames = new FrameOptions { Size = new ImageSize(4, 4) } };
        using var loader = new BatchLoader(Write(folder), plain);
        for (var i = 0; i < 10; i++)
        {
            using var batch = loader.Read(TestContext.Current.CancellationToken)!;
            var (action, image, blank) = (batch["action"], batch["observation/image_primary"], batch["observation/image_wrist"]);
            Assert.Equal([8, 3, 2, 2], action.Shape);
            Assert.Equal([8, 3, 4, 4, 3], image.Shape);
            Assert.Equal([8, 4, 4, 3], batch["task/image_primary"].Shape);
            Assert.Equal(0, blank.Bytes.Span.IndexOfAnyExcept((byte)0) + 1);
            for (var b = 0; b < 8; b++)
            {
                var (_, _, episode, step) = batch.Origins[b];
                Assert.Equal([episode, step], action.AsSpan<float>().Slice((b * 12) + 8, 2).ToArray());
                // The window's last image.
                Assert.Equal([(byte)episode, (byte)step], image.Bytes.Span.Slice(((b * 3) + 2) * 48, 2).ToArray());
                Assert.Equal(batch["task/pad_mask_dict/language_instruction"].AsSpan<bool>()[b] ? $"do {episode}" : "", batch.Texts("task/language_instruction")[b]);
                Assert.Equal(batch["task/pad_mask_dict/image_primary"].AsSpan<bool>()[b], batch.Texts("task/language_instruction")[b].Length == 0);
            }
        }
    }

    [Fact]
    public void NumberOfWorkers_DoesNotChangeTheBatches()
    {
        using var folder = new TemporaryFolder();
        WeightedSource[] mixture = [new(Write(folder), 2), new(Write(folder, "other", 5), 1)];
        using var one = new BatchLoader(mixture, Options with { Workers = 1, Prefetch = 1 });
        using var many = new BatchLoader(mixture, Options with { Workers = 5, Prefetch = 4 });
        Assert.Equal(Contents(one, 40), Contents(many, 40));
        using var reseeded = new BatchLoader(mixture, Options with { Seed = 8 });
        Assert.NotEqual(Contents(one, 1), Contents(reseeded, 1));
    }

    [Theory]
    [InlineData(false, 0), InlineData(false, 1), InlineData(false, 23), InlineData(true, 3), InlineData(true, 0)]
    public void Resumed_GoesOnAsIfUninterrupted(bool ordered, int batches)
    {
        using var folder = new TemporaryFolder();
        WeightedSource[] mixture = [new(Write(folder), 2), new(Write(folder, "other", 5), 1)];
        var options = ordered ? Options.ForValidation() : Options;
        using var whole = new BatchLoader(mixture, options with { Workers = 3 });
        LoaderState? state = null;
        for (var i = 0; i < batches; i++)
        {
            using var batch = whole.Read(TestContext.Current.CancellationToken)!;
            state = batch.State;
        }

        var saved = JsonSerializer.Deserialize<LoaderState?>(JsonSerializer.Serialize(state));
        using var resumed = new BatchLoader(mixture, options with { Workers = 1 }, saved);
        Assert.Equal(Contents(whole, 5), Contents(resumed, 5));
    }

    [Fact]
    public void State_OfOtherOptionsOrDatasets_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var source = Write(folder);
        using var loader = new BatchLoader(source, Options);
        var state = loader.Read(TestContext.Current.CancellationToken)!.State!;
        Assert.Contains("seed 7", Assert.Throws<ArgumentException>(() => new BatchLoader(source, Options with { Seed = 8 }, state)).Message);
        Assert.Contains("20000 bytes", Assert.Throws<ArgumentException>(() => new BatchLoader(source, Options with { MemoryBudget = 30_000 }, state)).Message);
        Assert.Contains("other", Assert.Throws<ArgumentException>(() => new BatchLoader(Write(folder, "other"), Options, state)).Message);
    }

    [Fact]
    public void Ranks_ShareTheFramesWithoutOverlapOrLoss()
    {
        using var folder = new TemporaryFolder();
        var source = Write(folder);
        var seen = new HashSet<SampleOrigin>();
        for (var rank = 0; rank < 3; rank++)
        {
            using var loader = new BatchLoader(source, Options with { Rank = rank, WorldSize = 3 });
            for (var i = 0; i < 20; i++)
                Assert.All(loader.Read(TestContext.Current.CancellationToken)!.Origins, o => Assert.True(seen.Add(o), $"{o} came to two ranks"));
        }

        var frames = Enumerable.Range(0, 12).Sum(e => 3 + (e % 5));
        Assert.All([1, 2, 3], epoch => Assert.Equal(frames, seen.Count(o => o.Epoch == epoch)));
    }

    [Fact]
    public void Ordered_IsOnePassInFileOrder()
    {
        using var folder = new TemporaryFolder();
        WeightedSource[] mixture = [new(Write(folder, "b", 4)), new(Write(folder, "a", 3))];
        using var loader = new BatchLoader(mixture, Options.ForValidation());
        var origins = new List<SampleOrigin>();
        while (loader.Read(TestContext.Current.CancellationToken) is { } batch)
        {
            Assert.Equal(origins.Count == 24 ? 6 : 8, batch.Count);
            origins.AddRange(batch.Origins);
        }

        Assert.Null(loader.Read(TestContext.Current.CancellationToken));
        Assert.Equal(
            [.. new[] { ("b", 4), ("a", 3) }.SelectMany(d => Enumerable.Range(0, d.Item2).SelectMany(e => Enumerable.Range(0, 3 + e).Select(t => new SampleOrigin(d.Item1, 0, e, t))))],
            origins);
    }

    [Fact]
    public void Mixture_HasTheWeightsProportions()
    {
        using var folder = new TemporaryFolder();
        WeightedSource[] mixture = [new(Write(folder, "a"), 3), new(Write(folder, "none"), 0), new(Write(folder, "b"), 1)];
        using var loader = new BatchLoader(mixture, Options with { BatchSize = 100 });
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 40; i++)
        {
            using var batch = loader.Read(TestContext.Current.CancellationToken)!;
            foreach (var origin in batch.Origins)
                counts[origin.Dataset] = counts.GetValueOrDefault(origin.Dataset) + 1;
        }

        Assert.Equal(["a", "b"], counts.Keys.Order());
        // Binomial, 4000 draws: standard deviation 27; the seed is fixed.
        Assert.InRange(counts["a"], 3000 - 100, 3000 + 100);
    }

    [Fact]
    public void BalancedWeights_CountTheSteps()
    {
        using var folder = new TemporaryFolder();
        var (a, b) = (Write(folder, "a"), Write(folder, "b"));
        var sized = b with { Statistics = new CrossFormer.Statistics.DatasetStatistics(b.Statistics!.Features, 300, 10) };
        using var loader = new BatchLoader([new(a, 2), new(sized, 1)], Options with { BalanceWeights = true });
        Assert.Equal([0.4, 0.6], loader.Weights);
    }

    [Fact]
    public async Task AwaitForeach_GivesTheSameBatchesAsRead()
    {
        using var folder = new TemporaryFolder();
        var source = Write(folder);
        using var loader = new BatchLoader(source, Options);
        var contents = new List<string>();
        await foreach (var batch in loader.WithCancellation(TestContext.Current.CancellationToken))
        {
            contents.Add(SmallDataset.Content(batch));
            if (contents.Count == 10)
                break;
        }

        using var pulled = new BatchLoader(source, Options);
        Assert.Equal(Contents(pulled, 10), contents);
    }

    [Fact]
    public void DisposedBatch_LendsItsMemoryToALaterOne()
    {
        using var folder = new TemporaryFolder();
        using var loader = new BatchLoader(Write(folder), Options with { Prefetch = 1, Workers = 1 });
        var arrays = new HashSet<object>();
        for (var i = 0; i < 50; i++)
        {
            using var batch = loader.Read(TestContext.Current.CancellationToken)!;
            System.Runtime.InteropServices.MemoryMarshal.TryGetArray(batch["action"].Bytes, out var segment);
            arrays.Add(segment.Array!);
        }

        // One is read, one is ready, one is being filled.
        Assert.InRange(arrays.Count, 1, 3);
    }

    [Fact]
    public void KeptBatch_StaysAsItIs()
    {
        using var folder = new TemporaryFolder();
        using var loader = new BatchLoader(Write(folder), Options);
        var kept = loader.Read(TestContext.Current.CancellationToken)!;
        var before = SmallDataset.Content(kept);
        Contents(loader, 20);
        Assert.Equal(before, SmallDataset.Content(kept));
    }
}
