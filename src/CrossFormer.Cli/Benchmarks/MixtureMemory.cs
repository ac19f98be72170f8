using System.Diagnostics;
using CrossFormer.Data.Frames;
using CrossFormer.Data.Mixtures;
using CrossFormer.Data.OpenX;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>
/// The memory that the mixture of 31 datasets takes over many frames: synthetic datasets of the right shapes, more of them than the
/// loader's budget holds, the published model's settings, images of 16x16 so that the batch itself takes next to nothing.
/// </summary>
internal static class MixtureMemory
{
    private const int Episodes = 48, Steps = 50, ImageBytes = 20_000, BatchSize = 64, Points = 20;

    /// <summary>Runs the loader and looks at the process's resident size now and then.</summary>
    /// <param name="folder">An empty folder for the datasets, about 3 GB.</param>
    /// <param name="frames">Frames to go through.</param>
    /// <param name="note">Told of progress.</param>
    public static MemoryCurve Run(string folder, long frames, Action<string> note)
    {
        note("writing 31 datasets");
        // Enough to go beyond the budget, when that many frames are asked for.
        var episodes = (int)Math.Clamp(frames / 1000, 1, Episodes);
        var sources = OpenXMixtures.CrossEmbodiment.Datasets
            .Select(d => new WeightedSource(SyntheticDataset.Write(folder, OpenXDatasets.Get(d.Key).Resolve(), episodes, Steps, ImageBytes), d.Value)).ToArray();
        var bytes = sources.Sum(s => s.Source.Dataset.Splits.Sum(p => p.Files.Sum(f => new FileInfo(f).Length)));
        var options = LoaderOptions.Pretraining with { BatchSize = BatchSize, Split = "train" };
        using var loader = new BatchLoader(sources, options with { Frames = options.Frames with { Size = new ImageSize(16, 16) } });
        var (points, start, batchBytes) = (new List<MemoryPoint>(), Stopwatch.GetTimestamp(), 0L);
        for (long done = 0, next = 0; done < frames;)
        {
            using var batch = loader.Read()!;
            done += batch.Count;
            if (done < next && done < frames)
                continue;
            batchBytes = batch.Names.Sum(n => (long)batch[n].Bytes.Length);
            points.Add(new MemoryPoint(done, ProcessMemory.ResidentMib(), GC.GetTotalMemory(forceFullCollection: false) / 1048576.0));
            note($"{done} frames, {points[^1].ResidentMib:f0} MiB");
            next += frames / Points;
        }

        return new MemoryCurve(
            sources.Length, bytes / 1048576.0, options.MemoryBudget / 1048576.0, batchBytes / 1048576.0, frames / Stopwatch.GetElapsedTime(start).TotalSeconds,
            points, ProcessMemory.PeakMib());
    }
}

/// <summary>Memory of a loader over time.</summary>
/// <param name="Datasets">How many.</param>
/// <param name="DatasetsMib">Their size on disk.</param>
/// <param name="BudgetMib">What the loader may mix frames from.</param>
/// <param name="BatchMib">One batch.</param>
/// <param name="FramesPerS">Speed.</param>
/// <param name="Curve">Over the frames.</param>
/// <param name="PeakMib">Largest resident size.</param>
internal sealed record MemoryCurve(int Datasets, double DatasetsMib, double BudgetMib, double BatchMib, double FramesPerS, IReadOnlyList<MemoryPoint> Curve, double PeakMib);

/// <summary>One look at the process.</summary>
/// <param name="Frames">Frames so far.</param>
/// <param name="ResidentMib">Resident size.</param>
/// <param name="ManagedMib">Managed heap, garbage included.</param>
internal sealed record MemoryPoint(long Frames, double ResidentMib, double ManagedMib);
