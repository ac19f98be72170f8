namespace CrossFormer.Reports;

/// <summary>A row of a table of numbers.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Values">One per column; NaN is shown as a dash.</param>
/// <param name="IsTotal">Whether it sums up the rows above: set off by a line.</param>
public readonly record struct TableRow(string Name, double[] Values, bool IsTotal = false);
