namespace CrossFormer.Reports;

/// <summary>How often values occur, with the median and the 95th percentile marked. Values that are not finite are left out and counted.</summary>
/// <param name="values">For example the milliseconds of each control step.</param>
/// <param name="unit">Their unit, for example <c>ms</c>.</param>
public sealed class HistogramSection(IReadOnlyList<double> values, string unit) : ReportSection
{
    private readonly double[] _sorted = [.. values.Where(double.IsFinite).Order()];

    /// <summary>How many bars at most; 24 by default, fewer for few values.</summary>
    public int MaxBars { get; init; } = 24;

    private protected override string? NoteText
    {
        get
        {
            var absent = values.Count - _sorted.Length;
            return absent == 0 ? Note : $"{Note} {absent} of {values.Count} values are not finite and left out.".TrimStart();
        }
    }

    private protected override void WriteBody(HtmlWriter html)
    {
        if (_sorted.Length == 0)
        {
            html.Element("p", "There are no values.", "class", "note");
            return;
        }

        var (low, high) = (_sorted[0], _sorted[^1]);
        // All equal: one bar around the value.
        if (low == high)
            (low, high) = (low - Math.Max(Math.Abs(low) * 0.05, 1e-6), high + Math.Max(Math.Abs(high) * 0.05, 1e-6));
        var bars = Math.Clamp((int)Math.Ceiling(2 * Math.Sqrt(_sorted.Length)), 1, Math.Max(1, MaxBars));
        var counts = new int[bars];
        foreach (var value in _sorted)
            counts[Math.Min(bars - 1, (int)((value - low) / (high - low) * bars))]++;
        var panel = new ChartPanel(low, high, 0, counts.Max(), fromZero: true);
        var (p50, p95) = (Percentile(0.50), Percentile(0.95));
        var unitSuffix = unit.Length > 0 ? $" {unit}" : "";
        html.Open("figure", "class", "chart wide");
        panel.Open(
            html, Title ?? "Histogram",
            $"{_sorted.Length} values from {Round(_sorted[0])} to {Round(_sorted[^1])}{unitSuffix}, median {Round(p50)}, 95th percentile {Round(p95)}.",
            unit, wholeX: false, wholeY: true);
        for (var i = 0; i < bars; i++)
        {
            var (from, to) = (low + (high - low) * i / bars, low + (high - low) * (i + 1) / bars);
            panel.Bar(html, from, to, counts[i], $"{Round(from)} to {Round(to)}{unitSuffix}: {counts[i]}");
        }

        panel.Marker(html, p50, $"p50 {Round(p50)}", 0);
        panel.Marker(html, p95, $"p95 {Round(p95)}", 1);
        html.Close().Close();
    }

    // Linear interpolation between the neighbouring values, as numpy's default.
    private double Percentile(double fraction)
    {
        var at = fraction * (_sorted.Length - 1);
        var below = (int)at;
        var above = Math.Min(below + 1, _sorted.Length - 1);
        return _sorted[below] + (at - below) * (_sorted[above] - _sorted[below]);
    }

    private static string Round(double value) => Ticks.Format(value == 0 ? 0 : Math.Round(value, Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 15)));
}
