using CrossFormer.Data.Frames;
using CrossFormer.Data.OpenX;
using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.Mixtures;

/// <summary>How episodes become batches.</summary>
public sealed record LoaderOptions
{
    /// <summary>
    /// As the published model was trained: 5 frames of history, 100 actions of 14 dimensions, goals from each episode's future or
    /// its instruction in turn, at most 100 frames an episode and epoch. Source: scripts/configs/pretrain_config.py.
    /// </summary>
    public static LoaderOptions Pretraining { get; } = new()
    {
        Trajectories = new TrajectoryOptions
        {
            Chunks = new ChunkOptions { Window = 5, Horizon = 100 },
            ActionDimension = OpenXHeads.ActionDimensions.Values.Max(),
            RelabelGoals = true,
            KeepImageProbability = 0.5,
            Heads = OpenXHeads.Datasets,
            SubsampleLength = 100,
        },
        Frames = new FrameOptions
        {
            Augmentations = DatasetConfiguration.CurrentViews.ToDictionary(v => v, v => v is "primary" or "nav" ? FrameOptions.WorkspaceAugmentations : FrameOptions.WristAugmentations),
        },
    };

    /// <summary>Samples in a batch, at least 1.</summary>
    public int BatchSize { get; init => field = AtLeast(1, value, nameof(BatchSize)); } = 64;

    /// <summary>What happens to episodes: windows, chunks, goals, heads.</summary>
    public TrajectoryOptions Trajectories { get; init; } = new();

    /// <summary>What happens to images.</summary>
    public FrameOptions Frames { get; init; } = new();

    /// <summary>All draws are a function of it: the same seed gives the same batches on every machine with any number of workers.</summary>
    public ulong Seed { get; init; }

    /// <summary>False (default): shuffled frames without end. True: one pass, dataset after dataset in file order, for validation.</summary>
    public bool Ordered { get; init; }

    /// <summary>
    /// Which episodes, as <see cref="Rlds.RldsDataset.Slices"/> says. Null: <c>train</c> or, in an ordered pass, <c>val</c>, each
    /// dataset's own way (<see cref="Rlds.RldsDataset.TrainingSplit"/>).
    /// </summary>
    public string? Split { get; init; }

    /// <summary>
    /// Bytes of episodes, still encoded, that are held to mix frames from. Default 512 MiB. More is a better shuffle. Ignored
    /// in an ordered pass.
    /// </summary>
    public long MemoryBudget { get; init => field = AtLeast(1, value, nameof(MemoryBudget)); } = 512L << 20;

    /// <summary>
    /// How often an episode may be read for one epoch, taking another part of its frames each time, when a dataset's share of
    /// <see cref="MemoryBudget"/> holds too few whole episodes. Default 16. Ignored in an ordered pass.
    /// </summary>
    public int MaxReadsPerEpisode { get; init => field = AtLeast(1, value, nameof(MaxReadsPerEpisode)); } = 16;

    /// <summary>Whether weights are multiplied by the number of steps in each dataset.</summary>
    public bool BalanceWeights { get; init; }

    /// <summary>Threads that read and decode; null: one per processor. Does not change what comes out.</summary>
    public int? Workers { get; init; }

    /// <summary>Batches that are made ahead of the reader, at least 1.</summary>
    public int Prefetch { get; init => field = AtLeast(1, value, nameof(Prefetch)); } = 2;

    /// <summary>Which of the machines that share the data, from 0.</summary>
    public int Rank { get; init; }

    /// <summary>How many machines share the data; each sees other episodes.</summary>
    public int WorldSize { get; init => field = AtLeast(1, value, nameof(WorldSize)); } = 1;

    /// <summary>The same for validation: one ordered pass, without the random changes of training.</summary>
    public LoaderOptions ForValidation() => this with { Ordered = true, Trajectories = Trajectories with { Training = false }, Frames = Frames with { Training = false } };

    private static int AtLeast(int least, int value, string name) => (int)AtLeast((long)least, value, name);

    private static long AtLeast(long least, long value, string name) =>
        value >= least ? value : throw new ArgumentOutOfRangeException(name, value, $"Expected at least {least}.");
}
