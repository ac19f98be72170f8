namespace CrossFormer.Statistics;

/// <summary>
/// Statistics of one vector (the action, one kind of proprioception) over a dataset, in robot units. All arrays are
/// float64, as the file holds them, of <see cref="Rows"/> × <see cref="Dimension"/> values in C order.
/// </summary>
/// <remarks>
/// <see cref="Rows"/> is 1 except for datasets whose actions come already chunked (the published model's navigation
/// set): there the file holds nested lists [N, dim], one row for each step of the chunk, and only the first <c>horizon</c> rows mean
/// anything to a model of that horizon.
/// </remarks>
public sealed class FeatureStatistics
{
    /// <summary>Mean and standard deviation, and optionally the rest.</summary>
    /// <param name="mean">Arithmetic mean.</param>
    /// <param name="std">Population standard deviation; as long as the mean.</param>
    /// <param name="rows">Rows of the arrays; above 1 for statistics of whole chunks.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public FeatureStatistics(double[] mean, double[] std, int rows = 1)
    {
        ArgumentNullException.ThrowIfNull(mean);
        if (rows < 1 || mean.Length == 0 || mean.Length % rows != 0)
            throw new ArgumentException($"Statistics: expected a mean of {rows} rows with at least one value each, got {mean.Length} values.", nameof(mean));
        (Mean, Rows, Dimension) = (mean, rows, mean.Length / rows);
        Std = CheckedLength(std, mean.Length, "std");
    }

    /// <summary>Steps that the statistics distinguish; 1 when all steps share them.</summary>
    public int Rows { get; }

    /// <summary>Dimensions of the vector, at least 1.</summary>
    public int Dimension { get; }

    /// <summary>Arithmetic mean.</summary>
    public double[] Mean { get; }

    /// <summary>Population standard deviation.</summary>
    public double[] Std { get; }

    /// <summary>Smallest value seen, or null when the file has none.</summary>
    public double[]? Min { get; init => field = Checked(value, "min"); }

    /// <summary>Largest value seen, or null when the file has none.</summary>
    public double[]? Max { get; init => field = Checked(value, "max"); }

    /// <summary>1st percentile, or null when the file has none.</summary>
    public double[]? P01 { get; init => field = Checked(value, "p01"); }

    /// <summary>99th percentile, or null when the file has none.</summary>
    public double[]? P99 { get; init => field = Checked(value, "p99"); }

    /// <summary>Per dimension whether it is normalised, <see cref="Dimension"/> values; null means all are.</summary>
    public bool[]? Mask
    {
        get;
        init => field = value is null || value.Length == Dimension
            ? value
            : throw new ArgumentException($"Statistics: expected a mask of {Dimension} values, as the mean has, got {value.Length}.");
    }

    private double[]? Checked(double[]? values, string name) => values is null ? null : CheckedLength(values, Mean.Length, name);

    private static double[] CheckedLength(double[] values, int expected, string name) =>
        values.Length == expected
            ? values
            : throw new ArgumentException($"Statistics: expected {expected} values of {name}, as the mean has, got {values.Length}.");
}
