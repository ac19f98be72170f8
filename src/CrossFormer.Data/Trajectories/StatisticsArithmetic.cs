namespace CrossFormer.Data.Trajectories;

/// <summary>How a dataset's statistics are computed.</summary>
public enum StatisticsArithmetic
{
    /// <summary>Every trajectory once, sums in float64.</summary>
    Exact,

    /// <summary>
    /// As the reference (data/utils/data_utils.py, get_dataset_statistics): proprioception of the first trajectory counts twice, and
    /// sums run in float32, whose error grows with the dataset. Only for comparing with the reference's files.
    /// </summary>
    Reference,
}
