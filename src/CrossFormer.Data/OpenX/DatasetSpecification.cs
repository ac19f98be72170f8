using System.IO.Enumeration;
using CrossFormer.Arrays;
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

    /// <summary>
    /// The common form: <c>observation/image_VIEW</c>, <c>observation/depth_VIEW</c>, <c>observation/proprio_NAME</c> (float32),
    /// <c>observation/timestep</c> (int32, from 0), <c>task/language_instruction</c>, <c>action</c> (float32) and
    /// <c>dataset_name</c>; nothing else is kept.
    /// </summary>
    /// <param name="raw">An episode under the dataset's own names.</param>
    /// <param name="draw">Draws a number from 0 to below its argument, for a <see cref="Language"/> that fits several columns; null takes the first.</param>
    /// <exception cref="TransformException">The episode is not as the configuration says.</exception>
    public Trajectory Standardize(Trajectory raw, Func<int, int>? draw = null)
    {
        var own = Transform.Apply(raw);
        try
        {
            return Restructure(own, draw ?? (_ => 0));
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException)
        {
            throw new TransformException(raw, $"after its transform: {e.Message}", e);
        }
    }

    private Trajectory Restructure(Trajectory own, Func<int, int> draw)
    {
        var columns = new List<KeyValuePair<string, TrajectoryColumn>>();
        foreach (var (view, source) in Images)
            Add($"observation/image_{view}", source is null ? TrajectoryImages.Blank(own.Length) : own[Observation(source)]);
        foreach (var (view, source) in Depth)
            Add($"observation/depth_{view}", source is null ? TrajectoryImages.Blank(own.Length) : own[Observation(source)]);
        foreach (var (name, source, width) in Proprioception)
        {
            Add($"observation/proprio_{name}", new TrajectoryNumbers(source is null
                ? NdArray.Zeros(DType.Float32, own.Length, width)
                : ColumnFunctions.Cast(own.Numbers(Observation(source)), DType.Float32)));
        }

        Add("observation/timestep", new TrajectoryNumbers(NdArray.From(Enumerable.Range(0, own.Length).ToArray(), own.Length)));
        if (Language is not null)
            Add("task/language_instruction", own.Texts(LanguageColumn(own, draw)));
        Add("action", new TrajectoryNumbers(ColumnFunctions.Cast(own.Numbers("action"), DType.Float32)));
        Add("dataset_name", TrajectoryTexts.Repeat(Name, own.Length));
        return new Trajectory(Name, own.Length, columns, own.Origin);

        void Add(string name, TrajectoryColumn column) => columns.Add(new(name, column));
    }

    private static string Observation(string source) => $"observation/{source}";

    // The reference's draw can never take the last one that fits; here each is as likely as the others.
    private string LanguageColumn(Trajectory own, Func<int, int> draw)
    {
        if (!Language!.Contains('*'))
            return Language;
        var fitting = own.Names.Where(n => !n.Contains('/') && FileSystemName.MatchesSimpleExpression(Language, n, ignoreCase: false)).ToArray();
        return fitting.Length > 0
            ? fitting[fitting.Length == 1 ? 0 : draw(fitting.Length)]
            : throw new KeyNotFoundException($"no column fits the instructions '{Language}'; there are {string.Join(", ", own.Names)}");
    }
}
