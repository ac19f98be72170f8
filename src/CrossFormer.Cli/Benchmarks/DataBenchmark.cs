using System.Diagnostics;
using CrossFormer.Data.Frames;
using CrossFormer.Data.Mixtures;
using CrossFormer.Data.OpenX;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.TfRecords;
using CrossFormer.Data.Trajectories;
using CrossFormer.Formats;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>
/// The data pipeline as fine-tuning uses it, in this process: one camera, goals relabelled, half of them kept, batches of 64,
/// chunks of 4, resize to 224x224, the five augmentations on observations and goals.
/// </summary>
internal static class DataBenchmark
{
    private const int BatchSize = 64;
    private const int ShuffleBuffer = 1000;
    private const int Slices = 4, WarmUpBatches = 8;

    /// <summary>Runs the pipeline and measures it; the best of a few seconds counts, for what else runs on the machine only slows it down.</summary>
    /// <param name="folder">The dataset.</param>
    /// <param name="window">History steps.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="seconds">How long.</param>
    public static DataTimes Run(string folder, int window, int workers, double seconds)
    {
        using var pauses = new GcPauses();
        var dataset = RldsDataset.Open(folder);
        var sources = OpenXSources.Open(dataset.Name, folder, new DatasetOptions { Views = ["primary"], Proprioception = false });
        using var loader = new BatchLoader(sources, new LoaderOptions
        {
            BatchSize = BatchSize,
            Split = "train",
            Workers = workers,
            MemoryBudget = BytesOfFrames(dataset, ShuffleBuffer),
            Trajectories = new TrajectoryOptions { Chunks = new ChunkOptions { Window = window, Horizon = 4 }, RelabelGoals = true, KeepImageProbability = 0.5 },
            Frames = new FrameOptions { Augmentations = new Dictionary<string, IReadOnlyList<Augmentation>> { ["primary"] = FrameOptions.WorkspaceAugmentations } },
        });
        var warm = Stopwatch.GetTimestamp();
        for (var i = 0; i < WarmUpBatches && (i == 0 || Stopwatch.GetElapsedTime(warm).TotalSeconds < seconds); i++)
            loader.Read()!.Dispose();

        pauses.Take();
        var (before, allocated, processor) = (loader.Times, GC.GetTotalAllocatedBytes(), Environment.CpuUsage.TotalTime);
        var (best, samples) = (0.0, 0);
        for (var slice = 0; slice < Slices; slice++)
        {
            var (start, count) = (Stopwatch.GetTimestamp(), 0);
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds / Slices)
            {
                using var batch = loader.Read()!;
                count += batch.Count;
            }

            best = Math.Max(best, count / Stopwatch.GetElapsedTime(start).TotalSeconds);
            samples += count;
        }

        // As the reference's figure counts them: every image of a batch, blank goals included.
        double images = window + 1;
        var times = Shares(before, loader.Times);
        var found = pauses.Take();
        return new DataTimes(
            best * images, best, samples * images / (Environment.CpuUsage.TotalTime - processor).TotalSeconds, (GC.GetTotalAllocatedBytes() - allocated) / (samples * images),
            found.Length, found.DefaultIfEmpty().Max(), ProcessMemory.PeakMib(), times);
    }

    /// <summary>The reader alone, against reading the same files without looking at them, and against the checksum alone.</summary>
    public static ReaderTimes Read(string folder)
    {
        var files = RldsDataset.Open(folder).Splits.SelectMany(s => s.Files).ToArray();
        var bytes = files.Sum(f => new FileInfo(f).Length);
        var (records, buffer, memory) = (0, new byte[1 << 20], File.ReadAllBytes(files[0]));
        var reading = Best(() =>
        {
            records = 0;
            foreach (var file in files)
            {
                using var reader = new TfRecordReader(file, reuseBuffer: true);
                while (reader.TryRead(out _))
                    records++;
            }
        });
        var plain = Best(() =>
        {
            foreach (var file in files)
            {
                using var handle = File.OpenHandle(file, options: FileOptions.SequentialScan);
                for (long at = 0, n; (n = RandomAccess.Read(handle, buffer, at)) > 0;)
                    at += n;
            }
        });
        var checksum = Best(() => Crc32C.Compute(memory));
        return new ReaderTimes(records / reading, bytes / reading / 1e6, bytes / plain / 1e6, memory.Length / checksum / 1e6);
    }

    // The reference's buffer counts frames, the loader's memory bytes.
    private static long BytesOfFrames(RldsDataset dataset, int frames)
    {
        var (bytes, steps) = (0L, 0L);
        foreach (var episode in dataset.ReadEpisodes("train"))
            (bytes, steps) = (bytes + episode.Record.Data.Length, steps + episode.StepCount);
        return Math.Max(1, bytes * frames / Math.Max(1, steps));
    }

    private static double Best(Action work)
    {
        var best = double.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static StageShares Shares(LoaderTimes before, LoaderTimes after)
    {
        double[] seconds =
        [
            (after.Reading - before.Reading).TotalSeconds, (after.Decoding - before.Decoding).TotalSeconds, (after.Resizing - before.Resizing).TotalSeconds,
            (after.Augmenting - before.Augmenting).TotalSeconds, (after.Copying - before.Copying).TotalSeconds,
        ];
        var sum = seconds.Sum();
        return new StageShares(seconds[0] / sum, seconds[1] / sum, seconds[2] / sum, seconds[3] / sum, seconds[4] / sum);
    }
}
