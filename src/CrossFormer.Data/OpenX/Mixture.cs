namespace CrossFormer.Data.OpenX;

/// <summary>Datasets to train on together. Immutable.</summary>
public sealed record Mixture
{
    /// <summary>Names a mixture; of a dataset that occurs twice the first entry counts, as in the reference.</summary>
    /// <param name="name">For logs.</param>
    /// <param name="datasets">Names and sampling weights; they need not add up to 1.</param>
    /// <exception cref="ArgumentException">There is no dataset, or a weight is negative or not finite.</exception>
    public Mixture(string name, IEnumerable<KeyValuePair<string, double>> datasets)
    {
        (Name, Datasets) = (name, [.. datasets.DistinctBy(d => d.Key)]);
        foreach (var (dataset, weight) in Datasets)
        {
            if (!double.IsFinite(weight) || weight < 0)
                throw new ArgumentException($"The mixture '{name}' gives {dataset} the weight {weight}; expected 0 or more.", nameof(datasets));
        }

        if (Datasets.Count == 0)
            throw new ArgumentException($"The mixture '{name}' is empty.", nameof(datasets));
    }

    /// <summary>For logs.</summary>
    public string Name { get; }

    /// <summary>Names and sampling weights, in order; no name occurs twice.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Datasets { get; }
}
