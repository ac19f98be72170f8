using CrossFormer.Data.Rlds;
using CrossFormer.Data.Trajectories;
using CrossFormer.Statistics;

namespace CrossFormer.Data.OpenX;

/// <summary>A dataset as one training wants it: see <see cref="DatasetConfiguration.Resolve"/>. Immutable.</summary>
public sealed record DatasetSpecification
{
    /// <summary>The dataset's name.</summary>
    public required string Name { get; init; }

    /// <summary>Cameras, each <c>observation/image_VIEW</c>.</summary>
    public required IReadOnlyList<ViewSource> Images { get; init; }

    /// <summary>Depth cameras, each <c>observation/depth_VIEW</c>.</summary>
    public required IReadOnlyList<ViewSource> Depth { get; init; }

    /// <summary>Proprioceptive inputs, each <c>observation/proprio_NAME</c>.</summary>
    public required IReadOnlyList<ProprioceptionSource> Proprioception { get; init; }

    /// <summary>Which dimensions of an action are normalised; its length is the action's.</summary>
    public required IReadOnlyList<bool> ActionMask { get; init; }

    /// <summary>The column of instructions or a pattern with '*'; null for none.</summary>
    public required string? Language { get; init; }

    /// <summary>How actions and proprioception are normalised.</summary>
    public required Normalization Normalization { get; init; }

    /// <summary>Brings episodes into the common form.</summary>
    public required StandardTransform Transform { get; init; }

    /// <summary>The reference's function for <see cref="Transform"/>; null when it is not the reference's.</summary>
    public required string? ReferenceFunction { get; init; }

    /// <summary>Which raw episodes to use; null for all.</summary>
    public required TrajectoryFilter? Filter { get; init; }

    /// <summary>What it wants otherwise than the training configuration says.</summary>
    public required TrajectoryOverrides Overrides { get; init; }

    /// <summary>The head that is trained on it; null when none was.</summary>
    public required string? Head { get; init; }

    /// <summary>The dataset on disk, read as this says.</summary>
    /// <param name="folder">The dataset's folder, or one that holds it under its <see cref="Name"/>.</param>
    /// <exception cref="DirectoryNotFoundException">There is no dataset.</exception>
    /// <exception cref="Formats.CorruptFileException">Its JSON files are malformed; says where.</exception>
    public DatasetSource Open(string folder)
    {
        var own = Path.Combine(folder, Name);
        return Of(RldsDataset.Open(Directory.Exists(own) ? own : folder));
    }

    /// <summary>A dataset's files, read as this says.</summary>
    public DatasetSource Of(RldsDataset dataset) => new()
    {
        Dataset = dataset,
        Name = Name,
        Standardize = Transform.Apply,
        StandardizeName = Transform.Name,
        ImageKeys = Images.ToDictionary(v => v.View, v => v.Source),
        DepthKeys = Depth.ToDictionary(v => v.View, v => v.Source),
        ProprioKeys = Proprioception.ToDictionary(p => p.Name, p => p.Source),
        ProprioDimensions = Proprioception.Where(p => p.Width > 0).ToDictionary(p => p.Name, p => p.Width),
        LanguageKey = Language,
        Normalization = Normalization,
        ActionNormalizationMask = [.. ActionMask],
        Filters = Filter is null ? [] : [Filter],
        WindowOverride = Overrides.WindowSize,
        GoalsAreLast = Overrides.GoalsAreLast,
        MaxGoalDistance = Overrides.MaxGoalDistance,
        KeepImageProbability = Overrides.KeepImageProbability,
    };
}
