namespace CrossFormer.Data.Surveys;

/// <summary>How the values of one number of a dataset are spread. Of values that are not finite only their count is kept.</summary>
/// <param name="Count">How many finite values there are.</param>
/// <param name="NonFinite">How many are NaN, infinite, or beyond float32's range.</param>
/// <param name="Min">The smallest; NaN when there is none.</param>
/// <param name="Max">The largest; NaN when there is none.</param>
/// <param name="Mean">The mean; NaN when there is none.</param>
/// <param name="Std">The population standard deviation; NaN when there is none.</param>
/// <param name="Histogram">How many lie in each of equally wide pieces from <paramref name="Min"/> to <paramref name="Max"/>.</param>
public sealed record ValueDistribution(long Count, long NonFinite, double Min, double Max, double Mean, double Std, IReadOnlyList<long> Histogram)
{
    /// <summary>Whether all values are the same.</summary>
    public bool IsConstant => Count > 0 && Min == Max;
}
