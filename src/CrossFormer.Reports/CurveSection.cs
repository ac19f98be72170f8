namespace CrossFormer.Reports;

/// <summary>A small chart for each of several quantities, over the same steps.</summary>
/// <param name="curves">The quantities; those without a finite point are left out.</param>
/// <param name="xLabel">Name of the x axis.</param>
public sealed class CurveSection(IReadOnlyList<Curve> curves, string xLabel = "step") : ReportSection
{
    private protected override void WriteBody(HtmlWriter html)
    {
        var drawn = curves.Select(c => (c.Name, Points: c.Points.Where(p => double.IsFinite(p.Value)).ToArray())).Where(c => c.Points.Length > 0).ToArray();
        var last = drawn.SelectMany(c => c.Points).Select(p => p.Step).DefaultIfEmpty(1).Max();
        html.Open("div", "class", "charts");
        foreach (var (name, points) in drawn)
        {
            var panel = new ChartPanel(0, Math.Max(1, last), points.Min(p => p.Value), points.Max(p => p.Value));
            html.Open("figure", "class", "chart").Open("figcaption").Text(name).Element("span", $"last {Ticks.Format(points[^1].Value)}").Close();
            panel.Open(html, $"{name} by {xLabel}", $"{points.Length} values from {Ticks.Format(points.Min(p => p.Value))} to {Ticks.Format(points.Max(p => p.Value))}.", xLabel);
            panel.Curve(html, "true", points, name);
            html.Close().Close();
        }

        html.Close();
    }
}
