namespace CrossFormer.Reports;

/// <summary>Small histograms side by side, one for each of many values: the dimensions of an action, of proprioception.</summary>
/// <param name="distributions">One chart each; what has no values, or only one, is told in words.</param>
public sealed class DistributionSection(IReadOnlyList<Distribution> distributions) : ReportSection
{
    private protected override void WriteBody(HtmlWriter html)
    {
        html.Open("div", "class", "charts small");
        foreach (var distribution in distributions)
            WriteChart(html, distribution);
        html.Close();
    }

    private static void WriteChart(HtmlWriter html, Distribution distribution)
    {
        var (name, low, high, counts, caption) = distribution;
        html.Open("figure", "class", "chart").Open("figcaption").Text(name).Element("span", caption).Close();
        var total = counts.Sum();
        if (total == 0 || !(high > low))
        {
            html.Element("p", total == 0 ? "no values" : $"always {Ticks.Format(low)}", "class", "note").Close();
            return;
        }

        var panel = new ChartPanel(low, high, 0, counts.Max(), fromZero: true, ChartSize.Small);
        panel.Open(html, name, $"{total} values from {Ticks.Format(low)} to {Ticks.Format(high)}; {caption}.", "", wholeX: false);
        var width = (high - low) / counts.Count;
        for (var i = 0; i < counts.Count; i++)
        {
            if (counts[i] > 0)
                panel.Bar(html, low + i * width, low + (i + 1) * width, counts[i], $"{Ticks.Format(low + i * width)} to {Ticks.Format(low + (i + 1) * width)}: {counts[i]}");
        }

        html.Close().Close();
    }
}
