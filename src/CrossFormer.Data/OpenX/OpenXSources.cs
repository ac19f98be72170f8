using CrossFormer.Data.Mixtures;

namespace CrossFormer.Data.OpenX;

/// <summary>From names to what a <see cref="BatchLoader"/> reads.</summary>
public static class OpenXSources
{
    /// <summary>Opens the datasets of a mixture, or one dataset; reads no episode.</summary>
    /// <param name="name">A mixture (<c>cross_embodiment</c>) or a dataset (<c>bridge_dataset</c>, or one of <paramref name="own"/>).</param>
    /// <param name="dataFolder">Where the datasets lie, each in the folder of its name; a single one may be the folder itself.</param>
    /// <param name="options">What is wanted of them; null: what the published model has.</param>
    /// <param name="own">Datasets of your own (<see cref="DatasetFile"/>); they go before those known of the same name.</param>
    /// <exception cref="KeyNotFoundException">There is no such mixture or dataset.</exception>
    /// <exception cref="DirectoryNotFoundException">A dataset's folder is not there.</exception>
    /// <exception cref="ArgumentException">A view is none that a dataset's configuration knows.</exception>
    public static IReadOnlyList<WeightedSource> Open(string name, string dataFolder, DatasetOptions? options = null, IEnumerable<DatasetConfiguration>? own = null)
    {
        var described = (own ?? []).ToDictionary(d => d.Name);
        if (!described.ContainsKey(name) && OpenXMixtures.All.Any(m => m.Name == name))
            return [.. OpenXMixtures.Get(name).Datasets.Select(d => new WeightedSource(Find(d.Key).Open(Path.Combine(dataFolder, d.Key), options), d.Value))];
        return [new WeightedSource(Find(name).Open(dataFolder, options))];

        DatasetConfiguration Find(string dataset) => described.TryGetValue(dataset, out var configuration) ? configuration : OpenXDatasets.Get(dataset);
    }
}
