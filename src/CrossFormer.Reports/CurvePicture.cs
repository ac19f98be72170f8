using System.Text;
using CrossFormer.Formats;

namespace CrossFormer.Reports;

/// <summary>Two quantities over the same steps as a picture of its own (SVG), for pages that are not reports. Light and dark, as they are.</summary>
public static class CurvePicture
{
    private static readonly ChartSize Size = new(640, 260, 44, 10, 5);

    /// <summary>Draws into a file; an existing one is replaced at once, never left half-written.</summary>
    /// <param name="path">The SVG file.</param>
    /// <param name="title">What is shown, with its unit.</param>
    /// <param name="curves">One or two, each of at least one finite point.</param>
    /// <param name="xLabel">Name of the x axis.</param>
    /// <param name="high">The y axis goes from 0 to this, or further where a value does.</param>
    /// <exception cref="ArgumentException">No curve, more than two, or one without a point.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, string title, IReadOnlyList<Curve> curves, string xLabel, double high) =>
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(Draw(title, curves, xLabel, high)));

    internal static string Draw(string title, IReadOnlyList<Curve> curves, string xLabel, double high)
    {
        var drawn = curves.Select(c => (c.Name, Points: c.Points.Where(p => double.IsFinite(p.Value)).ToArray(), c.Band)).ToArray();
        if (drawn.Length is not (1 or 2) || drawn.Any(c => c.Points.Length == 0))
            throw new ArgumentException($"Expected one or two curves with points, got {string.Join(", ", drawn.Select(c => $"{c.Name} of {c.Points.Length}"))}.", nameof(curves));
        var points = drawn.SelectMany(c => c.Points).ToArray();
        var panel = new ChartPanel(Math.Min(0, points.Min(p => p.Step)), Math.Max(1, points.Max(p => p.Step)), 0, Math.Max(high, points.Max(p => p.Value)), fromZero: true, Size);
        using var svg = new HtmlWriter();
        panel.Open(svg, title, $"{points.Length} values up to {Ticks.Format(Math.Round(points.Max(p => p.Value), 1))}.", xLabel, wholeX: false);
        svg.Style(Style);
        svg.Element("text", title, "class", "marker", "x", "44", "y", "12");
        foreach (var (i, (name, line, band)) in drawn.Index())
        {
            var kind = i == 0 ? "true" : "predicted";
            panel.Band(svg, $"{kind} band", band);
            panel.Curve(svg, kind, line, name);
            var x = Size.Width - 260 + (140 * i);
            svg.Open("line", "class", kind, "x1", HtmlWriter.Number(x), "y1", "8", "x2", HtmlWriter.Number(x + 20), "y2", "8").Close();
            svg.Element("text", name, "x", HtmlWriter.Number(x + 26), "y", "12");
        }

        svg.Close();
        // Within a page the namespace goes without saying, in a file of its own it does not.
        return $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Size.Width}\" height=\"{Size.Height}\"{svg.ToFragment()["<svg".Length..]}\n";
    }

    // The reports' colours and their rules for charts; the page's font and ground come with the picture.
    private static string Style => Report.Css[..Report.Css.IndexOf("* {", StringComparison.Ordinal)]
        + string.Concat(Report.Css.Split('\n').Where(l => l.StartsWith("svg ", StringComparison.Ordinal)).Select(l => l + "\n"))
        + "svg { background: var(--panel); font-family: system-ui, sans-serif; }\n";
}
