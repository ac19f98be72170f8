using CrossFormer.Data.Frames;
using CrossFormer.Data.Mixtures;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Trajectories;
using CrossFormer.Formats;

namespace CrossFormer.Data.Tests.Mixtures;

public class BatchLoaderFailureTests
{
    private static readonly LoaderOptions Options = new()
    {
        BatchSize = 8,
        Split = "train",
        MemoryBudget = 4000,
        Frames = new FrameOptions { Size = new ImageSize(4, 4) },
        Trajectories = new TrajectoryOptions { RelabelGoals = true },
    };

    private static byte[] TornImage(int episode, int step)
    {
        var file = SmallDataset.Image(episode, step);
        return episode == 5 && step == 2 ? file[..40] : file;
    }

    private static DataLoadException ReadUntilFailure(BatchLoader loader)
    {
        for (var i = 0; i < 200; i++)
        {
            try
            {
                loader.Read(TestContext.Current.CancellationToken)!.Dispose();
            }
            catch (DataLoadException e)
            {
                return e;
            }
        }

        throw new InvalidOperationException("There was no failure.");
    }

    [Fact]
    public void DamagedImage_IsToldWithDatasetFileAndRecord()
    {
        using var folder = new TemporaryFolder();
        using var loader = new BatchLoader(SmallDataset.Write(folder, "torn", 8, _ => 4, int.MaxValue, TornImage), Options);
        var failure = ReadUntilFailure(loader);
        Assert.IsType<CorruptFileException>(failure.InnerException);
        Assert.Equal("torn", failure.Dataset);
        Assert.EndsWith("torn-train.tfrecord-00000-of-00001, record 5", failure.Origin);
        // The loader does not go on behind it as if nothing had been.
        Assert.Same(failure, Assert.Throws<DataLoadException>(() => loader.Read(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void DamagedImage_WhenSkipped_CountsAsAbsent()
    {
        using var folder = new TemporaryFolder();
        var skipped = 0;
        var source = SmallDataset.Write(folder, "torn", 8, _ => 4, int.MaxValue, TornImage) with
        {
            ReadOptions = new RldsReadOptions { SkipBad = true, OnSkipped = (_, _) => Interlocked.Increment(ref skipped) },
        };
        using var loader = new BatchLoader(source, Options.ForValidation());
        while (loader.Read(TestContext.Current.CancellationToken) is { } batch)
        {
            for (var b = 0; b < batch.Count; b++)
                Assert.Equal((5, 2) != (batch.Origins[b].Episode, batch.Origins[b].Step), batch["observation/pad_mask_dict/image_primary"].AsSpan<bool>()[b]);
        }

        Assert.True(skipped > 0);
    }

    [Fact]
    public void DamagedRecord_IsToldWithDatasetFileAndRecord_OrSkipped()
    {
        using var folder = new TemporaryFolder();
        var source = SmallDataset.Write(folder, "torn", 8, _ => 4, int.MaxValue);
        var shard = source.Dataset.Splits[0].Files[0];
        var bytes = File.ReadAllBytes(shard);
        bytes[(bytes.Length / 8 * 3) + 100] ^= 1;
        File.WriteAllBytes(shard, bytes);
        using (var loader = new BatchLoader(source, Options))
        {
            var failure = ReadUntilFailure(loader);
            Assert.Equal("torn", failure.Dataset);
            Assert.EndsWith("record 3", failure.Origin);
            Assert.Contains("checksum", failure.Message);
        }

        var skipped = 0;
        var lenient = source with { ReadOptions = new RldsReadOptions { SkipBad = true, OnSkipped = (n, _) => Interlocked.Add(ref skipped, n) } };
        using var whole = new BatchLoader(lenient, Options.ForValidation());
        var episodes = new HashSet<int>();
        while (whole.Read(TestContext.Current.CancellationToken) is { } batch)
            episodes.UnionWith(batch.Origins.Select(o => o.Episode));
        Assert.Equal([0, 1, 2, 4, 5, 6, 7], episodes.Order());
        Assert.Equal(1, skipped);
    }

    [Theory]
    [InlineData(-1, "ends after 7"), InlineData(1, "goes on for")]
    public void ShardOfAnotherLength_IsRefused(int change, string problem)
    {
        using var folder = new TemporaryFolder();
        var source = SmallDataset.Write(folder, "short", 8, _ => 1, int.MaxValue);
        var shard = source.Dataset.Splits[0].Files[0];
        var bytes = File.ReadAllBytes(shard);
        File.WriteAllBytes(shard, change < 0 ? bytes[..(bytes.Length / 8 * 7)] : [.. bytes, .. bytes[..(bytes.Length / 8)]]);
        using var loader = new BatchLoader(source, Options);
        var failure = Assert.Throws<DataLoadException>(() => loader.Read(TestContext.Current.CancellationToken));
        Assert.Contains(problem, failure.Message);
    }

    [Fact]
    public void TransformThatThrows_IsToldWithTheRecord()
    {
        using var folder = new TemporaryFolder();
        var source = SmallDataset.Write(folder, "mine", 8, _ => 4) with { Standardize = e => e.Numbers("action").ToSingles()[0] == 6 ? throw new InvalidOperationException("six") : e };
        using var loader = new BatchLoader(source, Options);
        Assert.Contains("mine: six", ReadUntilFailure(loader).Message);
    }

    [Fact]
    public void DatasetsThatDoNotFit_AreNamedWithTheField()
    {
        using var folder = new TemporaryFolder();
        var a = SmallDataset.Write(folder, "a", 4, _ => 4);
        var b = SmallDataset.Write(folder, "b", 4, _ => 4) with { ImageKeys = new Dictionary<string, string?> { ["primary"] = "image_0" } };
        using var loader = new BatchLoader([new(a), new(b)], Options with { BatchSize = 100 });
        var message = Assert.Throws<InvalidOperationException>(() => loader.Read(TestContext.Current.CancellationToken)).Message;
        Assert.Contains("pad_mask_dict/image_wrist", message);
    }

    [Fact]
    public void DatasetOfWhichNothingIsUsed_IsAnError()
    {
        using var folder = new TemporaryFolder();
        var source = SmallDataset.Write(folder, "none", 4, _ => 4) with { Filters = [new TrajectoryFilter("none", _ => false)] };
        using var loader = new BatchLoader(source, Options);
        Assert.Contains("none of its 4 episodes is used", Assert.Throws<InvalidOperationException>(() => loader.Read(TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void CancelledRead_LosesNothing()
    {
        using var folder = new TemporaryFolder();
        var source = SmallDataset.Write(folder, "small", 8, _ => 4);
        using var loader = new BatchLoader(source, Options);
        Assert.ThrowsAny<OperationCanceledException>(() => loader.Read(new CancellationToken(canceled: true)));
        using var other = new BatchLoader(source, Options);
        Assert.Equal(SmallDataset.Content(other.Read(TestContext.Current.CancellationToken)!), SmallDataset.Content(loader.Read(TestContext.Current.CancellationToken)!));
    }

    [Fact]
    public async Task Dispose_EndsAllThreads_AndWhoeverWaits()
    {
        using var folder = new TemporaryFolder();
        using var gate = new ManualResetEventSlim();
        var source = SmallDataset.Write(folder, "slow", 8, _ => 4) with
        {
            Standardize = e =>
            {
                gate.Wait();
                return e;
            },
        };
        var loader = new BatchLoader(source, Options);
        var waiting = Task.Run(() => loader.Read(), TestContext.Current.CancellationToken);
        while (!loader.IsRunning)
            await Task.Yield();
        var disposing = Task.Run(loader.Dispose, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        gate.Set();
        await disposing;
        Assert.False(loader.IsRunning);
        Assert.Throws<ObjectDisposedException>(() => loader.Read(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void ReaderThatPauses_StopsTheReadingAhead()
    {
        using var folder = new TemporaryFolder();
        var episodes = 0;
        var source = SmallDataset.Write(folder, "small", 8, _ => 4) with
        {
            Standardize = e =>
            {
                Interlocked.Increment(ref episodes);
                return e;
            },
        };
        using var loader = new BatchLoader(source, Options with { Prefetch = 2, Workers = 2 });
        loader.Read(TestContext.Current.CancellationToken)!.Dispose();
        Thread.Sleep(300);
        loader.Dispose();
        // What fills the memory, what four batches need, and what is read ahead; without an end it would be thousands.
        Assert.InRange(episodes, 1, 60);
    }
}
