namespace CrossFormer.Reports;

/// <summary>A quantity by step.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Points">Step and value, in the order of the steps. Values that are not finite are left out.</param>
public sealed record Curve(string Name, IReadOnlyList<(double Step, double Value)> Points);
