using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.OpenX;

/// <summary>
/// What is known about a dataset: its cameras, its proprioception, what its actions mean, and how its episodes come into the
/// common form. <see cref="Resolve"/> chooses from it what one training wants. Immutable.
/// </summary>
public sealed record DatasetConfiguration
{
    /// <summary>The views of the published model.</summary>
    public static IReadOnlyList<string> CurrentViews { get; } = ["primary", "high", "nav", "left_wrist", "right_wrist"];

    /// <summary>Views of older configurations.</summary>
    internal static IReadOnlyList<string> OldViews { get; } = ["primary", "secondary", "wrist"];

    /// <summary>The dataset's name, as its folder is called.</summary>
    public required string Name { get; init; }

    /// <summary>Cameras.</summary>
    public required IReadOnlyList<ViewSource> Images { get; init; }

    /// <summary>Depth cameras.</summary>
    public IReadOnlyList<ViewSource> Depth { get; init; } = [];

    /// <summary>Proprioceptive inputs.</summary>
    public required IReadOnlyList<ProprioceptionSource> Proprioception { get; init; }

    /// <summary>What proprioception means.</summary>
    public required ProprioceptionEncoding ProprioceptionEncoding { get; init; }

    /// <summary>What actions mean; null when <see cref="ActionMask"/> says all that is needed.</summary>
    public required ActionEncoding? ActionEncoding { get; init; }

    /// <summary>Which dimensions of an action are normalised; its length is the action's.</summary>
    public required IReadOnlyList<bool> ActionMask { get; init; }

    /// <summary>The head that is trained on it; null when none was.</summary>
    public string? Head { get; init; }

    /// <summary>The column of instructions, or a pattern with '*': then one that fits is drawn for each episode. Null when there is none.</summary>
    public string? Language { get; init; } = "language_instruction";

    /// <summary>Brings episodes into the common form.</summary>
    public required StandardTransform Transform { get; init; }

    /// <summary>What the reference's transform does wrong; null when nothing is known to be.</summary>
    public string? Defect { get; init; }

    /// <summary>The transform without that defect; null when there is none, or <see cref="Transform"/> has been mended itself because the reference's cannot work at all.</summary>
    public StandardTransform? CorrectedTransform { get; init; }

    /// <summary>Which episodes to use; null for all.</summary>
    public TrajectoryFilter? Filter { get; init; }

    /// <summary>What it wants otherwise than the training configuration says.</summary>
    public TrajectoryOverrides Overrides { get; init; } = TrajectoryOverrides.None;

    /// <summary>The reference's function for <see cref="Transform"/>, which its cached statistics are keyed by; null for datasets that it does not know.</summary>
    public string? ReferenceFunction { get; init; }

    /// <summary>Whether it was written for views of other names than <see cref="CurrentViews"/>; <see cref="Current"/> translates it.</summary>
    public bool HasOldViews { get; init; }

    /// <summary>One of <see cref="OpenXDatasets"/>, or your own.</summary>
    /// <param name="nameOrFile">A name, or the path of a dataset file (see <see cref="DatasetFile"/>), which ends in .json or .jsonc.</param>
    /// <exception cref="KeyNotFoundException">It is neither the name of a dataset nor that of a file.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DatasetFileException">The file is no valid description; says which field is wrong.</exception>
    public static DatasetConfiguration Find(string nameOrFile) =>
        Path.GetExtension(nameOrFile) is ".json" or ".jsonc" ? DatasetFile.Read(nameOrFile) : OpenXDatasets.Get(nameOrFile);

    /// <summary>The dataset on disk, as one training wants it.</summary>
    /// <param name="folder">The dataset's folder, or one that holds it under its <see cref="Name"/>.</param>
    /// <param name="options">Views and so on; null for the published model's.</param>
    /// <inheritdoc cref="DatasetSpecification.Open" path="/exception"/>
    /// <exception cref="ArgumentException">A view is none that the dataset's configuration knows.</exception>
    public DatasetSource Open(string folder, DatasetOptions? options = null) => Resolve(options).Open(folder);

    /// <summary>
    /// The same in the names of <see cref="CurrentViews"/>. One arm: <c>primary</c> stays, the <c>wrist</c> is both wrists'
    /// view (as in the reference's own newer entries). Two arms: <c>primary</c> is <c>high</c>, the <c>wrist</c> is the right
    /// one. A <c>secondary</c> view has no counterpart.
    /// </summary>
    public DatasetConfiguration Current()
    {
        if (!HasOldViews)
            return this;
        var bimanual = ProprioceptionEncoding == ProprioceptionEncoding.JointBimanual;
        return this with
        {
            HasOldViews = false,
            Images = Translate(Images),
            Depth = Depth.Any(d => d.Source is not null) ? Translate(Depth) : [.. CurrentViews.Select(v => new ViewSource(v, null))],
            Proprioception = [new("bimanual", bimanual ? "proprio" : null, 14), new("quadruped", null, 46)],
        };

        ViewSource[] Translate(IReadOnlyList<ViewSource> old)
        {
            var (primary, wrist) = (Source(old, "primary"), Source(old, "wrist"));
            return bimanual
                ? [new("primary", null), new("high", primary), new("nav", null), new("left_wrist", null), new("right_wrist", wrist)]
                : [new("primary", primary), new("high", null), new("nav", null), new("left_wrist", wrist), new("right_wrist", wrist)];
        }
    }

    /// <summary>Chooses what one training wants. One of <see cref="CurrentViews"/> that this robot has no camera for is blank.</summary>
    /// <param name="options">Views and so on; null for the published model's.</param>
    /// <exception cref="ArgumentException">A view is none that the dataset's configuration or the published model knows.</exception>
    public DatasetSpecification Resolve(DatasetOptions? options = null)
    {
        options ??= new DatasetOptions();
        var own = options.Views.All(v => Images.Any(i => i.View == v)) ? this : Current();
        var blank = options.Views.Where(v => !own.Images.Any(i => i.View == v)).Distinct().ToArray();
        if (Array.Find(blank, v => !CurrentViews.Contains(v)) is { } view)
            throw new ArgumentException($"{Name} has no view '{view}'; it has {string.Join(", ", Images.Concat(own.Images).Select(i => i.View).Distinct())}.", nameof(options));
        return new DatasetSpecification
        {
            Name = Name,
            Images = [.. own.Images.Where(i => options.Views.Contains(i.View)), .. blank.Select(v => new ViewSource(v, null))],
            Depth = options.Depth ? [.. own.Depth.Where(d => options.Views.Contains(d.View))] : [],
            Proprioception = options.Proprioception
                ? [.. own.Proprioception.Select(p => options.ProprioceptionWidths.TryGetValue(p.Name, out var width) ? p with { Width = width } : p)] : [],
            ActionMask = ActionMask,
            Language = options.Language ? Language : null,
            Normalization = options.Normalization,
            Transform = options.Corrected ? CorrectedTransform ?? Transform : Transform,
            ReferenceFunction = options.Corrected && CorrectedTransform is not null ? null : ReferenceFunction,
            Filter = Filter,
            Overrides = Overrides,
            Head = Head,
        };
    }

    private static string? Source(IReadOnlyList<ViewSource> views, string view) => views.FirstOrDefault(v => v.View == view)?.Source;
}
