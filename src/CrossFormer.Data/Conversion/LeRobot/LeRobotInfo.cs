using System.Globalization;
using System.Text.RegularExpressions;
using CrossFormer.Data.Rlds;
using CrossFormer.Formats;

namespace CrossFormer.Data.Conversion.LeRobot;

/// <summary>What <c>meta/info.json</c> says. Source: lerobot, datasets/utils.py and dataset_metadata.py.</summary>
internal sealed partial class LeRobotInfo
{
    private readonly string _file;
    private readonly ConfinedFolder _folder;
    private readonly string _dataPath;
    private readonly string? _videoPath;
    private readonly List<(string Split, int First, int End)> _splits = [];

    private LeRobotInfo(string folder)
    {
        (_folder, _file) = (new ConfinedFolder(folder), Path.Combine(folder, "meta", "info.json"));
        var root = JsonValue.ReadFile(_file);
        var version = root["codebase_version"].Text();
        IsVersion3 = version.StartsWith("v3.", StringComparison.Ordinal);
        if (!IsVersion3 && version is not ("v2.0" or "v2.1"))
            throw root["codebase_version"].Error($"expected v2.0, v2.1 or v3.x, found '{version}'; convert it with LeRobot's own script first");
        FramesPerSecond = root["fps"].Double();
        if (!(FramesPerSecond > 0))
            throw root["fps"].Error("expected a positive number");
        EpisodesPerChunk = root.Optional("chunks_size")?.Int32() ?? 1000;
        if (EpisodesPerChunk < 1)
            throw root["chunks_size"].Error("expected a positive number");
        (_dataPath, _videoPath) = (root["data_path"].Text(), root.Optional("video_path")?.Text());
        Features = [.. root["features"].Members().Select(f => LeRobotFeature.Read(f.Name, f.Value))];
        foreach (var (split, value) in root.Optional("splits")?.Members() ?? [])
        {
            // Some datasets list their splits otherwise; those episodes are for training.
            if (value.IsText && RangePattern().Match(value.Text()) is { Success: true } range)
                _splits.Add((split, int.Parse(range.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(range.Groups[2].Value, CultureInfo.InvariantCulture)));
        }
    }

    public bool IsVersion3 { get; }

    public double FramesPerSecond { get; }

    /// <summary>How many episodes of version 2 lie in a folder.</summary>
    public int EpisodesPerChunk { get; }

    public IReadOnlyList<LeRobotFeature> Features { get; }

    /// <exception cref="CorruptFileException">The file is malformed.</exception>
    public static LeRobotInfo Read(string folder) => new(folder);

    /// <summary>The split of an episode.</summary>
    public string SplitOf(int episode) => _splits.Find(s => s.First <= episode && episode < s.End).Split ?? "train";

    /// <summary>The Parquet file that <c>data_path</c> names for these numbers.</summary>
    /// <exception cref="CorruptFileException">The name leads out of the dataset's folder, or has a part that is not among them.</exception>
    public string DataFile(params ReadOnlySpan<(string Name, int Value)> numbers) => Resolve(_dataPath, "", numbers);

    /// <summary>The video that <c>video_path</c> names for a camera and these numbers.</summary>
    /// <inheritdoc cref="DataFile"/>
    public string VideoFile(string key, params ReadOnlySpan<(string Name, int Value)> numbers) =>
        Resolve(_videoPath ?? throw new CorruptFileException(_file, 0, $"$.video_path: expected a path, for '{key}' is a video"), key, numbers);

    /// <summary>A file of <c>meta</c>.</summary>
    public string MetaFile(string name) => _folder.Resolve($"meta/{name}", _file, 0);

    private string Resolve(string template, string key, ReadOnlySpan<(string Name, int Value)> numbers)
    {
        // Python's format: {video_key}, {episode_index:06d}.
        var values = numbers.ToArray().ToDictionary(n => n.Name, n => n.Value);
        var path = FieldPattern().Replace(template, field => field.Groups[1].Value == "video_key" ? key
            : values.TryGetValue(field.Groups[1].Value, out var value) ? value.ToString($"D{field.Groups[2].Value}", CultureInfo.InvariantCulture)
            : throw new CorruptFileException(_file, 0, $"'{template}' has an unknown part {field.Value}"));
        return _folder.Resolve(path, _file, 0);
    }

    [GeneratedRegex(@"\{(\w+)(?::0?(\d)d)?\}")]
    private static partial Regex FieldPattern();

    [GeneratedRegex(@"^(\d{1,9}):(\d{1,9})$")]
    private static partial Regex RangePattern();
}
