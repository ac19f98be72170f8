using System.Text.RegularExpressions;
using CrossFormer.Arrays;
using CrossFormer.Data.Conversion.Tables;

namespace CrossFormer.Data.Conversion.Folders;

/// <summary>Gathers an episode's columns and gives each its place in RLDS by its name.</summary>
/// <param name="path">The episode's folder, for errors.</param>
internal sealed partial class EpisodeColumns(string path)
{
    // RLDS computes these anew, and a row's number says nothing.
    private static readonly string[] Bookkeeping = ["is_first", "is_last", "is_terminal", "done", "dones", "discount", "index", "step", "frame", "frame_index", "episode_index"];

    private readonly OrderedDictionary<string, NdArray> _numbers = [];
    private readonly Dictionary<string, string[]> _texts = [];
    private readonly Dictionary<string, string> _descriptions = [];
    private readonly Dictionary<string, IEnumerable<SourceFrame>> _pixels = [];
    private NdArray? _rewards;
    private string[]? _instructions;

    /// <summary>The whole episode's instruction.</summary>
    public string? Instruction { get; set; }

    public double? FramesPerSecond { get; set; }

    public bool? Success { get; set; }

    /// <summary>Columns of image files' names, by camera.</summary>
    public Dictionary<string, string[]> ImageFiles { get; } = [];

    /// <summary>A table that is one feature: its columns side by side.</summary>
    public void AddMatrix(string name, OrderedDictionary<string, TableColumn> columns, string file)
    {
        if (columns.Count == 1)
            Add(name, columns.GetAt(0).Value, file);
        else
            Add(name, Join(columns, file), file, string.Join(", ", columns.Keys));
    }

    /// <summary>A table of many features: <c>state.x</c>, <c>state.y</c> and <c>state_0</c>, <c>state_1</c> are one, <c>state</c>.</summary>
    public void AddColumns(IEnumerable<KeyValuePair<string, TableColumn>> columns, string file)
    {
        var groups = new OrderedDictionary<string, OrderedDictionary<string, TableColumn>>();
        foreach (var (name, column) in columns)
        {
            var match = PartPattern().Match(name);
            var key = match.Success && column.Numbers is { Shape.Length: 1 } && !IsKnown(name) ? match.Groups["name"].Value : name;
            if (!groups.TryGetValue(key, out var group))
                groups.Add(key, group = []);
            if (!group.TryAdd(name, column))
                throw new EpisodeSourceException(file, $"column '{name}'", "there are two columns of that name");
        }

        foreach (var (name, group) in groups)
        {
            if (group.Count == 1)
                Add(group.GetAt(0).Key, group.GetAt(0).Value, file);
            else
                Add(name, Join(group, file), file, string.Join(", ", group.Keys.Select(k => k[Math.Min(k.Length, name.Length + 1)..])));
        }
    }

    /// <summary>A column.</summary>
    public void Add(string name, TableColumn column, string file, string description = "")
    {
        name = PrefixPattern().Replace(name, "");
        if (column.Rows == 0)
            throw new EpisodeSourceException(file, $"'{name}'", "it has no rows; expected one a step");
        switch (name)
        {
            case var _ when Bookkeeping.Contains(name):
                return;
            case "action" or "actions" when column.Numbers is { } actions:
                Put(_numbers, "action", actions);
                _descriptions["action"] = description;
                return;
            case "timestamp" or "timestamps" or "time" when column.Numbers is { Shape.Length: 1 } times:
                Put(_numbers, "timestamp", times);
                return;
            case "reward" or "rewards" when column.Numbers is { Shape.Length: 1 } rewards:
                _rewards = rewards;
                return;
            case "success" when column.Numbers is { Shape.Length: 1 } flags:
                Success = flags.ToDoubles()[^1] != 0;
                return;
            case "instruction" or "language_instruction" or "task" when column.Texts is { } texts:
                _instructions = texts;
                return;
        }

        // One name for it, whatever the recorder called it, as in the other forms.
        var feature = name is "proprio" or "qpos" ? "observation/state" : $"observation/{name}";
        if (column.Texts is { } words && words.All(w => ImagePattern().IsMatch(w)))
            Put(ImageFiles, name, words);
        else if (column.Texts is not null)
            Put(_texts, feature, column.Texts);
        else if (column.Files is { } files)
            Put(_pixels, feature, files.Select(f => new SourceFrame(f)));
        else if (column.Numbers is { DType: DType.UInt8, Shape: [_, > 0, > 0, 1 or 3 or 4] } images)
            Put(_pixels, feature, Frames(images));
        else
        {
            Put(_numbers, feature, column.Numbers!);
            _descriptions[feature] = description;
        }

        void Put<T>(IDictionary<string, T> target, string key, T value)
        {
            if (!target.TryAdd(key, value))
                throw new EpisodeSourceException(file, $"'{name}'", $"'{key}' is there twice; another table of {path} has it too");
        }
    }

    /// <summary>The episode.</summary>
    /// <param name="cameras">Cameras of image files and videos.</param>
    public SourceEpisode ToEpisode(OrderedDictionary<string, IEnumerable<SourceFrame>> cameras)
    {
        foreach (var (name, frames) in _pixels)
        {
            if (!cameras.TryAdd(name, frames))
                throw new EpisodeSourceException(path, $"camera '{name}'", "its frames are there twice");
        }

        if (!_numbers.TryGetValue("action", out var actions))
            throw new EpisodeSourceException(path, "", $"there are no actions (actions.csv, or a column 'action'); found {(_numbers.Count + cameras.Count > 0 ? string.Join(", ", _numbers.Keys.Concat(cameras.Keys)) : "nothing")}");
        var steps = actions.Shape[0];
        Check("reward", _rewards?.Shape[0]);
        Check("instruction", _instructions?.Length);
        foreach (var (name, texts) in _texts)
            Check(name, texts.Length);
        return new SourceEpisode
        {
            StepCount = steps,
            Numbers = _numbers,
            Texts = _texts,
            Cameras = cameras,
            Instructions = _instructions ?? (Instruction is null ? null : [.. Enumerable.Repeat(Instruction, steps)]),
            Rewards = _rewards,
            Success = Success,
            FramesPerSecond = FramesPerSecond,
            Descriptions = _descriptions,
        };

        void Check(string name, int? rows)
        {
            if (rows is not null && rows != steps)
                throw new EpisodeSourceException(path, $"'{name}'", $"{rows} rows, 'action' has {steps}");
        }
    }

    private static bool IsKnown(string name) => Bookkeeping.Contains(PrefixPattern().Replace(name, ""));

    private static IEnumerable<SourceFrame> Frames(NdArray images)
    {
        var (shape, size) = (images.Shape[1..], images.Bytes.Length / images.Shape[0]);
        return Enumerable.Range(0, images.Shape[0]).Select(t => new SourceFrame(new NdArray(DType.UInt8, shape, images.Bytes.Slice(t * size, size))));
    }

    private static TableColumn Join(OrderedDictionary<string, TableColumn> columns, string file)
    {
        var rows = columns.GetAt(0).Value.Rows;
        var joined = new float[rows * columns.Count];
        for (var c = 0; c < columns.Count; c++)
        {
            var (name, column) = columns.GetAt(c);
            if (column.Numbers is not { Shape: [var found] } numbers)
                throw new EpisodeSourceException(file, $"column '{name}'", "expected a number in every row");
            if (found != rows)
                throw new EpisodeSourceException(file, $"column '{name}'", $"{found} rows, the first column has {rows}");
            var values = numbers.ToSingles();
            for (var r = 0; r < rows; r++)
                joined[r * columns.Count + c] = values[r];
        }

        return new TableColumn(NdArray.From(joined, rows, columns.Count));
    }

    [GeneratedRegex(@"^(observations?|obs)[./]")]
    private static partial Regex PrefixPattern();

    // state.x, state/x, state_0; but not observation.state, whose dot is the prefix's.
    [GeneratedRegex(@"^(?<name>(?>((observations?|obs)[./])?)[^./]+?)([./][^./]+|_\d+)$")]
    private static partial Regex PartPattern();

    [GeneratedRegex(@"\.(jpe?g|png)$", RegexOptions.IgnoreCase)]
    private static partial Regex ImagePattern();
}
