namespace CrossFormer.Data.Trajectories;

/// <summary>What happens to every trajectory of a mixture before it is cut into frames. Source: data/dataset.py, apply_trajectory_transforms.</summary>
public sealed record TrajectoryOptions
{
    /// <summary>Whether the random changes of training happen: task augmentation and subsampling. Default true.</summary>
    public bool Training { get; init; } = true;

    /// <summary>Window and horizon. A dataset's own <see cref="DatasetSource.WindowOverride"/> goes before the one in here.</summary>
    public ChunkOptions Chunks { get; init; } = new();

    /// <summary>Skips trajectories without any instruction.</summary>
    public bool SkipUnlabeled { get; init; }

    /// <summary>Skips trajectories in which any normalised action value is larger, by magnitude.</summary>
    public float? MaxAction { get; init; }

    /// <summary>
    /// Skips trajectories in which any normalised proprioception is larger, by magnitude. (The reference looks for a key that
    /// nothing has had since proprioceptions were named.)
    /// </summary>
    public float? MaxProprio { get; init; }

    /// <summary>
    /// Whether the pad masks call the zeros absent that stand for a proprioception which a dataset lacks. The reference's call
    /// them present.
    /// </summary>
    public bool MaskAbsentProprioception { get; init; }

    /// <summary>Dimension that actions are padded to; null: none.</summary>
    public int? ActionDimension { get; init; }

    /// <summary>Whether every step is given a goal that the robot reached later.</summary>
    public bool RelabelGoals { get; init; }

    /// <summary>Goals lie less than this many steps ahead; null: anywhere up to the end. Ignored unless <see cref="RelabelGoals"/>.</summary>
    public int? MaxGoalDistance { get; init; }

    /// <summary>Dataset names by head; null: one head <c>action</c> that learns from all.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Heads { get; init; }

    /// <summary>How often goal images stay and the instruction goes, 0 to 1; null: both stay. Ignored unless <see cref="Training"/>.</summary>
    public double? KeepImageProbability { get; init; }

    /// <summary>Instructions in other words; null: none. Ignored unless <see cref="Training"/>.</summary>
    public Paraphrases? Paraphrases { get; init; }

    /// <summary>How often a trajectory's instruction is said in other words, 0 to 1. Ignored without <see cref="Paraphrases"/>.</summary>
    public double RephraseProbability { get; init; } = 0.5;

    /// <summary>At most this many frames of a trajectory, drawn at random each time; null: all. Ignored unless <see cref="Training"/>.</summary>
    public int? SubsampleLength { get; init; }
}
