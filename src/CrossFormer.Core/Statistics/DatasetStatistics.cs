namespace CrossFormer.Statistics;

/// <summary>What a dataset's actions and proprioception are like, and how large it is.</summary>
/// <remarks>Immutable and safe to share between threads.</remarks>
public sealed class DatasetStatistics
{
    /// <summary>The feature that every dataset has.</summary>
    public const string ActionName = "action";

    /// <summary>Wraps the statistics of a dataset's features.</summary>
    /// <param name="features">By name: <c>action</c>, <c>proprio_bimanual</c>, …</param>
    /// <param name="numTransitions">Steps in the dataset, or null when unknown.</param>
    /// <param name="numTrajectories">Episodes in the dataset, or null when unknown.</param>
    public DatasetStatistics(IReadOnlyDictionary<string, FeatureStatistics> features, long? numTransitions = null, long? numTrajectories = null)
    {
        ArgumentNullException.ThrowIfNull(features);
        (Features, NumTransitions, NumTrajectories) = (features, numTransitions, numTrajectories);
    }

    /// <summary>Statistics by feature: <c>action</c> and the proprioception keys.</summary>
    public IReadOnlyDictionary<string, FeatureStatistics> Features { get; }

    /// <summary>Steps in the dataset, or null when the file does not say.</summary>
    public long? NumTransitions { get; }

    /// <summary>Episodes in the dataset, or null when the file does not say.</summary>
    public long? NumTrajectories { get; }

    /// <summary>The action's statistics.</summary>
    /// <exception cref="KeyNotFoundException">The dataset has none.</exception>
    public FeatureStatistics Action => this[ActionName];

    /// <summary>Statistics of a feature.</summary>
    /// <exception cref="KeyNotFoundException">The dataset has none; the message names those it has.</exception>
    public FeatureStatistics this[string feature] =>
        Features.TryGetValue(feature, out var statistics)
            ? statistics
            : throw new KeyNotFoundException($"The statistics have no '{feature}'; they have {string.Join(", ", Features.Keys)}.");
}
