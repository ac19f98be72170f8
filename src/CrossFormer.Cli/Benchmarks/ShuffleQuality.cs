using CrossFormer.Data.Frames;
using CrossFormer.Data.Mixtures;
using CrossFormer.Data.OpenX;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>
/// How random a shuffle is: the loader's, beside the reference's buffer of frames with the same memory, on one dataset of equal
/// episodes.
/// </summary>
internal static class ShuffleQuality
{
    private const int Episodes = 1024, Steps = 40, ImageBytes = 3000, BatchSize = 256, Shards = 16, Window = 5;
    private const long Budget = 12 << 20;

    /// <summary>Measures both, and what perfect chance would give.</summary>
    /// <param name="folder">An empty folder for the dataset, about 120 MB.</param>
    public static ShuffleMeasures Run(string folder)
    {
        var specification = OpenXDatasets.Get("bridge_dataset").Resolve(new DatasetOptions { Views = ["primary"] });
        var source = SyntheticDataset.Write(folder, specification, Episodes, Steps, ImageBytes);
        using var loader = new BatchLoader(source, new LoaderOptions
        {
            BatchSize = BatchSize,
            Split = "train",
            MemoryBudget = Budget,
            Frames = new FrameOptions { Size = new ImageSize(1, 1) },
            Trajectories = new() { Chunks = new() { Window = Window } },
        });
        var own = new List<int>();
        while (own.Count < Episodes * Steps)
        {
            using var batch = loader.Read()!;
            own.AddRange(batch.Origins.Select(o => (o.Episode * Steps) + o.Step));
        }

        // The reference keeps every frame's history and goal for itself.
        var frames = (int)(Budget / (ImageBytes * (Window + 1)));
        const double total = Episodes * (double)Steps;
        return new ShuffleMeasures(
            Budget / 1048576.0, frames, Measure([.. own]), Measure(ReferenceOrder(frames)),
            new ShuffleMeasure(1 / 3.0, 1 / 3.0, BatchSize * (BatchSize - 1) / 2.0 * (Steps - 1) / (total - 1)));
    }

    // Shards in random order, all of them read in turn, 16 records each; their frames taken in turn from 16 episodes at a time; then
    // the buffer. Source: TFDS's ReadConfig and dlimp's flatten.
    private static int[] ReferenceOrder(int buffer)
    {
        var random = new Random(0);
        var shards = Enumerable.Range(0, Shards).ToArray();
        random.Shuffle(shards);
        const int perShard = Episodes / Shards;
        var episodes = Enumerable.Range(0, perShard / 16).SelectMany(block => shards.SelectMany(s => Enumerable.Range((s * perShard) + (block * 16), 16)));
        var frames = episodes.Chunk(16).SelectMany(cycle => Enumerable.Range(0, Steps).SelectMany(t => cycle.Select(e => (e * Steps) + t)));
        var (order, held) = (new List<int>(), new List<int>());
        foreach (var frame in frames)
        {
            if (held.Count < buffer)
            {
                held.Add(frame);
                continue;
            }

            var i = random.Next(buffer);
            order.Add(held[i]);
            held[i] = frame;
        }

        var rest = held.ToArray();
        random.Shuffle(rest);
        return [.. order, .. rest];
    }

    private static ShuffleMeasure Measure(int[] order)
    {
        var position = new Dictionary<int, int>();
        var displacement = 0.0;
        for (var i = 0; i < order.Length; i++)
        {
            displacement += Math.Abs(order[i] - i);
            position[order[i]] = i;
        }

        var neighbours = position.Where(p => p.Key % Steps > 0 && position.ContainsKey(p.Key - 1)).Average(p => Math.Abs(p.Value - position[p.Key - 1]));
        var pairs = order.Chunk(BatchSize).Where(b => b.Length == BatchSize)
            .Average(b => b.GroupBy(f => f / Steps).Sum(g => g.Count() * (g.Count() - 1) / 2.0));
        const double total = Episodes * (double)Steps;
        return new ShuffleMeasure(displacement / order.Length / total, neighbours / total, pairs);
    }
}

/// <summary>Randomness of an order of frames.</summary>
/// <param name="Displacement">Mean distance between a frame's place in the files and in the order, in epochs.</param>
/// <param name="NeighbourDistance">Mean distance between two frames that follow each other in their episode, in epochs.</param>
/// <param name="SameEpisodePairs">Pairs of frames from one episode in a batch of 256, of 32640 pairs.</param>
internal sealed record ShuffleMeasure(double Displacement, double NeighbourDistance, double SameEpisodePairs);

/// <summary>Both shuffles, and a perfect one.</summary>
/// <param name="BudgetMib">Memory of each.</param>
/// <param name="ReferenceBufferFrames">How many frames the reference's buffer holds in it.</param>
/// <param name="Loader">The loader's.</param>
/// <param name="Reference">The reference's.</param>
/// <param name="Perfect">A uniformly random permutation of all frames.</param>
internal sealed record ShuffleMeasures(double BudgetMib, int ReferenceBufferFrames, ShuffleMeasure Loader, ShuffleMeasure Reference, ShuffleMeasure Perfect);
