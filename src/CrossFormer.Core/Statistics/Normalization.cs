namespace CrossFormer.Statistics;

/// <summary>How a vector in robot units becomes one that the model sees.</summary>
public enum Normalization
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>To mean 0 and standard deviation 1.</summary>
    Normal,

    /// <summary>The 1st to 99th percentile to [−1, 1], clipped there.</summary>
    Bounds,
}
