namespace CrossFormer.Data.Rlds;

/// <summary>What <c>dataset_info.json</c> says about a dataset beside its splits.</summary>
/// <param name="Name">For example <c>bridge_dataset</c>: the folder's name and the beginning of every shard's.</param>
/// <param name="Version">Three numbers, for example <c>1.0.0</c>: the name of the folder inside.</param>
public sealed record RldsDatasetInfo(string Name, string Version = "1.0.0")
{
    /// <summary>What the dataset is; Markdown.</summary>
    public string Description { get; init; } = "";

    /// <summary>How to cite it; BibTeX.</summary>
    public string Citation { get; init; } = "";

    /// <summary>The Python module that made it; empty for a dataset that no Python made.</summary>
    public string ModuleName { get; init; } = "";

    /// <summary>What changed, by version.</summary>
    public IReadOnlyDictionary<string, string> ReleaseNotes { get; init; } = new Dictionary<string, string>();
}
