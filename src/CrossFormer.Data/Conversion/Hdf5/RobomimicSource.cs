using System.Text.Json;
using CrossFormer.Arrays;

namespace CrossFormer.Data.Conversion.Hdf5;

/// <summary>
/// robomimic's and LIBERO's demonstrations: groups <c>data/demo_N</c> with <c>obs</c>, <c>actions</c>, <c>rewards</c>, <c>dones</c>. What the
/// groups of <c>mask</c> call train and valid become the splits. Left out: <c>next_obs</c>, which repeats <c>obs</c>, and <c>states</c>,
/// the simulator's own. LIBERO's task is the language in <c>data</c>'s attribute <c>problem_info</c>; its <c>observation/state</c>
/// is ee_states and gripper_states side by side.
/// </summary>
internal sealed class RobomimicSource : IEpisodeSource
{
    private const string ProblemInfo = "problem_info";

    private readonly Hdf5Files _files;
    private readonly List<(string File, string Demo)> _demos = [];

    public RobomimicSource(string path, EpisodeFormat format)
    {
        (Path, Format, _files) = (path, format, new Hdf5Files(path));
        var entries = new List<SourceEntry>();
        foreach (var name in _files.Paths)
        {
            var file = _files.Open(name);
            var valid = Mask(file, "valid");
            foreach (var demo in file.Children("data"))
            {
                _demos.Add((name, demo));
                entries.Add(new SourceEntry(_files.Paths.Count > 1 ? $"{System.IO.Path.GetFileName(name)}/{demo}" : demo, valid.Contains(demo) ? "val" : "train"));
            }
        }

        Episodes = entries;
    }

    public EpisodeFormat Format { get; }

    public string Path { get; }

    public IReadOnlyList<SourceEntry> Episodes { get; }

    /// <summary>Whether a file is LIBERO's.</summary>
    public static bool IsLibero(Hdf5File file) => file.Text("data", ProblemInfo) is not null;

    public SourceEpisode Read(int index)
    {
        var (name, demo) = _demos[index];
        var (file, group) = (_files.Open(name), $"data/{demo}");
        var numbers = new OrderedDictionary<string, NdArray> { ["action"] = file.Numbers($"{group}/actions") };
        var cameras = new OrderedDictionary<string, IEnumerable<SourceFrame>>();
        foreach (var key in file.Children($"{group}/obs").Where(k => file.IsDataset($"{group}/obs/{k}")))
        {
            var path = $"{group}/obs/{key}";
            if (file.HoldsPixels(path))
                cameras.Add($"observation/{key}", file.Pixels(path));
            else
                numbers.Add($"observation/{key}", file.Numbers(path));
        }

        foreach (var key in file.Children(group).Where(k => k is not ("actions" or "rewards" or "dones" or "states" or "obs" or "next_obs") && file.IsDataset($"{group}/{k}")))
            numbers.Add(key, file.Numbers($"{group}/{key}"));
        var steps = numbers["action"].Shape[0];
        var rewards = file.Has($"{group}/rewards") ? Column(file, $"{group}/rewards", steps) : null;
        var isLibero = Format == EpisodeFormat.Libero;
        if (isLibero && numbers.TryGetValue("observation/ee_states", out var arm) && numbers.TryGetValue("observation/gripper_states", out var gripper))
            numbers.TryAdd("observation/state", SideBySide(arm, gripper, file.FullPath, group));
        return new SourceEpisode
        {
            StepCount = steps,
            Numbers = numbers,
            Cameras = cameras,
            Instructions = isLibero && Language(file) is { } text ? [.. Enumerable.Repeat(text, steps)] : null,
            Rewards = rewards,
            Success = rewards?.ToDoubles().Any(r => r > 0),
        };
    }

    public void Dispose() => _files.Dispose();

    private static HashSet<string> Mask(Hdf5File file, string name) => file.Has($"mask/{name}") ? [.. file.Texts($"mask/{name}").Select(t => t.TrimEnd('\0'))] : [];

    private static NdArray Column(Hdf5File file, string path, int steps) =>
        file.Numbers(path) is { Shape: [var n] } values && n == steps
            ? values
            : throw new EpisodeSourceException(file.FullPath, path, $"expected a number for each of the {steps} steps of actions, found [{string.Join(',', file.Shape(path))}]");

    private static NdArray SideBySide(NdArray left, NdArray right, string file, string group)
    {
        if (left.Shape is not [var rows, var a] || right.Shape is not [var others, var b] || rows != others)
            throw new EpisodeSourceException(file, group, $"ee_states is {left}, gripper_states is {right}; expected [steps,n] of both");
        var (l, r, joined) = (left.ToSingles(), right.ToSingles(), new float[rows * (a + b)]);
        for (var t = 0; t < rows; t++)
        {
            l.AsSpan(t * a, a).CopyTo(joined.AsSpan(t * (a + b)));
            r.AsSpan(t * b, b).CopyTo(joined.AsSpan(t * (a + b) + a));
        }

        return NdArray.From(joined, rows, a + b);
    }

    // {"language_instruction": "pick up …"}; some files put the text into quotation marks, some into a list of words.
    private static string? Language(Hdf5File file)
    {
        if (file.Text("data", ProblemInfo) is not { } json)
            return null;
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("language_instruction", out var text))
                return null;
            return text.ValueKind switch
            {
                JsonValueKind.String => text.GetString()!.Trim('"'),
                JsonValueKind.Array => string.Join(' ', text.EnumerateArray().Select(w => w.GetString())).Trim('"'),
                _ => null,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new EpisodeSourceException(file.FullPath, $"data@{ProblemInfo}", $"expected JSON with language_instruction ({e.Message}); --from robomimic converts the file without it", e);
        }
    }
}
