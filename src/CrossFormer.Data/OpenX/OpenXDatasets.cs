using System.Collections.Frozen;

namespace CrossFormer.Data.OpenX;

/// <summary>The datasets of Open X-Embodiment and its relatives that the reference knows: 72.</summary>
public static class OpenXDatasets
{
    private static readonly FrozenDictionary<string, DatasetConfiguration> ByName =
        PretrainingArms.All.Concat(OtherRobots.All).Concat(OtherArms.All).ToFrozenDictionary(d => d.Name);

    /// <summary>All of them: the single arms that a head was trained on, other robots, other arms.</summary>
    public static IReadOnlyList<DatasetConfiguration> All { get; } = [.. PretrainingArms.All, .. OtherRobots.All, .. OtherArms.All];

    /// <summary>A dataset by its name.</summary>
    /// <exception cref="KeyNotFoundException">It is none of these; the message names those that are spelt alike.</exception>
    public static DatasetConfiguration Get(string name) => ByName.TryGetValue(name, out var dataset)
        ? dataset
        : throw new KeyNotFoundException($"There is no dataset '{name}' among Open X-Embodiment's{Alike(name)}; describe your own in a dataset file.");

    /// <summary>Whether it is one of these.</summary>
    public static bool Contains(string name) => ByName.ContainsKey(name);

    private static string Alike(string name)
    {
        var part = name.Split('_')[0];
        var alike = All.Select(d => d.Name).Where(n => n.Contains(part, StringComparison.OrdinalIgnoreCase) && part.Length > 1).Order().ToArray();
        return alike.Length > 0 ? $" (did you mean {string.Join(", ", alike)}?)" : "";
    }
}
