using System.Collections.Frozen;

namespace CrossFormer.Data.OpenX;

/// <summary>The published model's heads: which datasets each was trained on, and how wide its actions are.</summary>
public static class OpenXHeads
{
    /// <summary>Datasets by head. Of the datasets that the reference lists for a head, one has a comma in its name; it is left out here.</summary>
    public static FrozenDictionary<string, IReadOnlyList<string>> Datasets { get; } = OpenXDatasets.All
        .Where(d => d.Head is not null)
        .GroupBy(d => d.Head!)
        .ToFrozenDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g.Select(d => d.Name)]);

    /// <summary>Dimensions of an action by head.</summary>
    public static FrozenDictionary<string, int> ActionDimensions { get; } =
        new Dictionary<string, int> { ["single_arm"] = 7, ["bimanual"] = 14, ["nav"] = 2, ["quadruped"] = 12 }.ToFrozenDictionary();
}
