namespace CrossFormer.Data.Trajectories;

/// <summary>How a trajectory is cut into the model's inputs and targets.</summary>
public sealed record ChunkOptions
{
    /// <summary>Observations in a sample's history, at least 1.</summary>
    public int Window { get; init => field = Positive(value, nameof(Window)); } = 1;

    /// <summary>Actions in a chunk, at least 1.</summary>
    public int Horizon { get; init => field = Positive(value, nameof(Horizon)); } = 1;

    /// <summary>Last steps of the window that may be used; the mask hides those before. Null: all.</summary>
    public int? WindowOverride { get; init; }

    /// <summary>From which action on a task counts as completed.</summary>
    public TaskCompletion Completion { get; init; }

    /// <summary>Sets all proprioceptions of a window but its first to zero. Source: data/traj_transforms.py, zero_out_future_proprio.</summary>
    public bool ZeroFutureProprio { get; init; }

    private static int Positive(int value, string name) =>
        value >= 1 ? value : throw new ArgumentOutOfRangeException(name, value, "Expected at least 1.");
}
