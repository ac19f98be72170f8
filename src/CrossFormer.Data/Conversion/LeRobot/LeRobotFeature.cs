using CrossFormer.Data.Rlds;

namespace CrossFormer.Data.Conversion.LeRobot;

/// <summary>A feature of <c>meta/info.json</c>.</summary>
/// <param name="Key">For example <c>observation.images.front</c>.</param>
/// <param name="Kind">Its <c>dtype</c>: <c>video</c>, <c>image</c>, <c>string</c>, or numpy's name of numbers.</param>
/// <param name="Shape">Of one step.</param>
/// <param name="Names">What its numbers are; empty when nobody said.</param>
internal sealed record LeRobotFeature(string Key, string Kind, int[] Shape, string Names)
{
    // Counters and keys into the dataset itself.
    private static readonly string[] Bookkeeping = ["frame_index", "episode_index", "index", "task_index", "next.done"];

    public bool IsVideo => Kind == "video";

    public bool IsBookkeeping => Bookkeeping.Contains(Key);

    /// <summary>Its name in RLDS: <c>observation/front</c>, <c>observation/state</c>, <c>action</c>.</summary>
    public string Name
    {
        get
        {
            foreach (var prefix in (ReadOnlySpan<string>)["observation.images.", "observation."])
            {
                if (Key.StartsWith(prefix, StringComparison.Ordinal) && Key.Length > prefix.Length)
                    return $"observation/{Plain(Key[prefix.Length..])}";
            }

            return Plain(Key);
        }
    }

    public static LeRobotFeature Read(string key, JsonValue value) => new(
        key,
        value["dtype"].Text(),
        [.. value.Optional("shape")?.Items().Select(d => d.Int32() is >= 0 and var length ? length : throw d.Error("expected a length from 0 on")) ?? []],
        value.Optional("names") is { } names ? string.Join(", ", Texts(names)) : "");

    private static string Plain(string key) => key.Replace('.', '_').Replace('/', '_');

    // A list of names, or a list for each part of the robot.
    private static IEnumerable<string> Texts(JsonValue names) =>
        names.IsText ? [names.Text()] : names.IsArray ? names.Items().SelectMany(Texts) : names.IsObject ? names.Members().SelectMany(m => m.Value.IsNumber ? [m.Name] : Texts(m.Value)) : [];
}
