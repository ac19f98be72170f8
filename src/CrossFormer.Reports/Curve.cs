namespace CrossFormer.Reports;

/// <summary>A quantity by step.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Points">Step and value, in the order of the steps. Values that are not finite are left out.</param>
public sealed record Curve(string Name, IReadOnlyList<(double Step, double Value)> Points)
{
    /// <summary>Between what and what the quantity lies at each of some steps, such as a confidence interval; a <see cref="CurvePicture"/> shades it.</summary>
    public IReadOnlyList<(double Step, double Low, double High)> Band { get; init; } = [];
}
