using CrossFormer.Data.Rlds;
using CrossFormer.Statistics;

namespace CrossFormer.Data.Trajectories;

/// <summary>A dataset on disk, and how its episodes become trajectories in standard form.</summary>
public sealed record DatasetSource
{
    /// <summary>The dataset's files.</summary>
    public required RldsDataset Dataset { get; init; }

    /// <summary>Its name in a mixture, in statistics and in head masks. Default: the name that its files say.</summary>
    public string Name { get => field ?? Dataset.Name; init; }

    /// <summary>
    /// Brings an episode into a form with <c>action</c> and <c>observation/…</c>. Null: it has that form. Must be pure; called
    /// from many threads.
    /// </summary>
    public Func<Trajectory, Trajectory>? Standardize { get; init; }

    /// <summary>Stands for <see cref="Standardize"/> in the statistics' cache; with a function and no name, nothing is cached.</summary>
    public string? StandardizeName { get; init; }

    /// <summary>Cameras: new name to the standardised observation's (<c>primary</c>: <c>image_0</c>). A null value makes blank images.</summary>
    public IReadOnlyDictionary<string, string?> ImageKeys { get; init; } = new Dictionary<string, string?>();

    /// <summary>Depth cameras, as <see cref="ImageKeys"/>.</summary>
    public IReadOnlyDictionary<string, string?> DepthKeys { get; init; } = new Dictionary<string, string?>();

    /// <summary>Proprioception: new name to the standardised observation's. A null value makes zeros of <see cref="ProprioDimensions"/>.</summary>
    public IReadOnlyDictionary<string, string?> ProprioKeys { get; init; } = new Dictionary<string, string?>();

    /// <summary>Dimensions of the proprioceptions by new name. Shorter ones are padded with zeros, longer ones refused; those not named stay.</summary>
    public IReadOnlyDictionary<string, int> ProprioDimensions { get; init; } = new Dictionary<string, int>();

    /// <summary>
    /// The instruction's column: a name or a pattern (<c>language_instruction*</c>), of whose matches each trajectory takes one
    /// at random. Null: no instruction. (The reference never draws the last match; here all are equally likely.)
    /// </summary>
    public string? LanguageKey { get; init; }

    /// <summary>How actions and proprioception are normalised.</summary>
    public Normalization Normalization { get; init; } = Normalization.Normal;

    /// <summary>Per action dimension whether it is normalised. Null: all are.</summary>
    public bool[]? ActionNormalizationMask { get; init; }

    /// <summary>Features that are not normalised: <c>action</c>, <c>proprio_bimanual</c>.</summary>
    public IReadOnlyCollection<string> SkipNormalization { get; init; } = [];

    /// <summary>Statistics to normalise by. Null: those of <see cref="StatisticsCache"/>, computed when they are not there.</summary>
    public DatasetStatistics? Statistics { get; init; }

    /// <summary>Which episodes are used; all of these must agree.</summary>
    public IReadOnlyList<TrajectoryFilter> Filters { get; init; } = [];

    /// <summary>History steps that this dataset may use, at most the window; earlier ones count as padding. Null: the whole window.</summary>
    public int? WindowOverride { get; init; }

    /// <summary>Whether goals are an episode's last step, for this dataset alone, instead of any step that is still ahead.</summary>
    public bool GoalsAreLast { get; init; }

    /// <summary>Goes before <see cref="TrajectoryOptions.MaxGoalDistance"/>, for this dataset alone. Null: the mixture's.</summary>
    public int? MaxGoalDistance { get; init; }

    /// <summary>Goes before <see cref="TrajectoryOptions.KeepImageProbability"/>, for this dataset alone. Null: the mixture's.</summary>
    public double? KeepImageProbability { get; init; }

    /// <summary>What to do about damaged records.</summary>
    public RldsReadOptions ReadOptions { get; init; } = new();

    /// <summary>The features that have statistics: the action, and every proprioception that is not blank.</summary>
    internal IEnumerable<string> Features =>
        [TrajectoryNames.Action, .. ProprioKeys.Where(k => k.Value is not null).Select(k => $"{TrajectoryNames.Proprio}_{k.Key}")];
}
