namespace CrossFormer.Reports;

/// <summary>A histogram that is already counted.</summary>
/// <param name="Name">What is counted, for example a dimension of the action.</param>
/// <param name="Low">Where the first bar begins.</param>
/// <param name="High">Where the last bar ends.</param>
/// <param name="Counts">The bars, equally wide.</param>
/// <param name="Caption">Stands at the right above the chart, for example <c>mean 0.012 ± 0.1</c>.</param>
public sealed record Distribution(string Name, double Low, double High, IReadOnlyList<long> Counts, string Caption);
