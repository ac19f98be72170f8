using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.OpenX;

/// <summary>
/// Datasets of your own: a JSON file with comments that names cameras, proprioception, actions and, when the columns are not
/// yet as they should be, a transform in steps. Strict: a field that is not known is an error. <c>docs/datasets.md</c> tells
/// the fields; <c>configs/datasets</c> has examples.
/// </summary>
public static class DatasetFile
{
    private const int MaxWidth = 4096;

    private static readonly string[] Fields =
    [
        "name", "head", "images", "depth", "proprioception", "proprioception_encoding", "action_encoding", "normalize_action",
        "language", "transform", "keep_if", "goals", "max_goal_distance", "keep_image_probability", "window_size",
    ];

    private static readonly (string Name, bool AreLast)[] GoalChoices = [("later", false), ("last", true)];

    /// <summary>Reads a dataset file.</summary>
    /// <exception cref="DatasetFileException">It is no valid description; says which field is wrong.</exception>
    public static DatasetConfiguration Read(string path) => Parse(File.ReadAllBytes(path), path);

    /// <summary>Reads every <c>*.jsonc</c> and <c>*.json</c> file of a folder, in the order of their names.</summary>
    /// <exception cref="DatasetFileException">One is no valid description, or two describe datasets of one name.</exception>
    public static IReadOnlyList<DatasetConfiguration> ReadFolder(string folder)
    {
        var datasets = new OrderedDictionary<string, DatasetConfiguration>();
        foreach (var path in Directory.EnumerateFiles(folder).Where(f => Path.GetExtension(f) is ".json" or ".jsonc").Order(StringComparer.Ordinal))
        {
            var dataset = Read(path);
            if (!datasets.TryAdd(dataset.Name, dataset))
                throw new DatasetFileException(path, "$.name", $"another file of {folder} describes '{dataset.Name}' too");
        }

        return [.. datasets.Values];
    }

    /// <summary>As <see cref="Read"/>, from the file's text.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="file">What to call it in errors.</param>
    /// <exception cref="DatasetFileException">It is no valid description; says which field is wrong.</exception>
    public static DatasetConfiguration Parse(ReadOnlyMemory<byte> utf8, string file)
    {
        var json = DatasetJson.Parse(utf8, file);
        json.Only(Fields);
        var encoding = json.Optional("action_encoding")?.Choice(Encodings.ActionChoices);
        return new DatasetConfiguration
        {
            Name = json.Required("name").Text(),
            Head = json.Optional("head")?.Text(),
            Images = Views(json.Required("images")),
            Depth = json.Optional("depth") is { } depth ? Views(depth) : [],
            Proprioception = json.Optional("proprioception") is { } proprioception ? [.. proprioception.Members().Select(m => Proprioception(m.Name, m.Value))] : [],
            ProprioceptionEncoding = json.Optional("proprioception_encoding")?.Choice(Encodings.ProprioceptionChoices) ?? ProprioceptionEncoding.None,
            ActionEncoding = encoding,
            ActionMask = Mask(json, encoding),
            Language = json.Optional("language") is { } language ? language.TextOrNull() : "language_instruction",
            Transform = json.Optional("transform") is { } transform ? TransformReader.Read(transform) : StandardTransform.None,
            Filter = json.Optional("keep_if") is { } filter ? Filter(filter) : null,
            Overrides = new TrajectoryOverrides
            {
                GoalsAreLast = json.Optional("goals")?.Choice(GoalChoices) ?? false,
                MaxGoalDistance = json.Optional("max_goal_distance")?.Integer(1, int.MaxValue),
                KeepImageProbability = json.Optional("keep_image_probability")?.Number(0, 1),
                WindowSize = json.Optional("window_size")?.Integer(1, 1000),
            },
        };
    }

    private static ViewSource[] Views(DatasetJson json) => [.. json.Members().Select(m => new ViewSource(m.Name, m.Value.TextOrNull()))];

    // The column's name, or { "zeros": width } for a robot that has none.
    private static ProprioceptionSource Proprioception(string name, DatasetJson json)
    {
        if (json.IsText)
            return new ProprioceptionSource(name, json.Text(), 0);
        if (!json.IsObject)
            throw json.Expected("a column below observation/, or { \"zeros\": width }");
        json.Only("zeros");
        return new ProprioceptionSource(name, null, json.Required("zeros").Integer(1, MaxWidth));
    }

    private static bool[] Mask(DatasetJson json, ActionEncoding? encoding)
    {
        var mask = json.Optional("normalize_action")?.Items().Select(i => i.Truth()).ToArray() ?? (encoding is { } e
            ? [.. e.NormalizationMask()]
            : throw json.Problem("expected 'action_encoding', or 'normalize_action' (a list of true and false, one per dimension of the action)"));
        var expected = encoding?.NormalizationMask().Count;
        return mask.Length > 0 && mask.Length == (expected ?? mask.Length)
            ? mask
            : throw json.Required("normalize_action").Expected($"{expected?.ToString() ?? "at least one"} entries, one per dimension of the action");
    }

    private static TrajectoryFilter Filter(DatasetJson json)
    {
        json.Only("column", "contains");
        return TrajectoryFilter.Containing(
            json.Optional("column")?.Text() ?? $"{Trajectory.MetadataPrefix}episode_metadata/file_path", json.Required("contains").Text());
    }
}
