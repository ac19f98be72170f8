using System.Text;

namespace CrossFormer.Reports;

/// <summary>A chart's frame: the map from values to pixels, grid lines and labels.</summary>
internal sealed class ChartPanel
{
    private const double Right = 8, Top = 12, Bottom = 32;

    private readonly double _first, _last;
    private readonly ChartSize _size;

    /// <summary>A panel over x in [first, last] and y in [low, high], y a little widened (with <paramref name="fromZero"/>, upwards only).</summary>
    public ChartPanel(double first, double last, double low, double high, bool fromZero = false, ChartSize? size = null)
    {
        _size = size ?? ChartSize.Full;
        // A constant still needs a range, in proportion to it.
        var room = high > low ? (high - low) * 0.06 : Math.Max(Math.Abs(high) * 0.1, 1e-6);
        (_first, _last, Low, High) = (first, last, fromZero ? low : low - room, high + room);
    }

    private double Width => _size.Width;

    private double Height => _size.Height;

    private double Left => _size.Left;

    public double Low { get; }

    public double High { get; }

    /// <summary>Opens the svg element and draws grid and labels; the caller draws into it and closes it.</summary>
    /// <param name="html">The page.</param>
    /// <param name="title">The chart's accessible name.</param>
    /// <param name="description">What it shows, in words.</param>
    /// <param name="xLabel">The x axis's name; empty for none.</param>
    /// <param name="wholeX">Whether x ticks are whole numbers.</param>
    /// <param name="wholeY">Whether y ticks are whole numbers.</param>
    public void Open(HtmlWriter html, string title, string description, string xLabel, bool wholeX = true, bool wholeY = false)
    {
        html.Open("svg", "viewBox", $"0 0 {Width} {Height}", "role", "img", "aria-label", $"{title}. {description}");
        foreach (var y in _size.YTicks > 0 ? Ticks.Between(Low, High, _size.YTicks, wholeY) : [])
        {
            Rule(html, "grid", Left, Y(y), Width - Right, Y(y));
            Label(html, Ticks.Format(y), Left - 6, Y(y) + 4, "end");
        }

        foreach (var x in Ticks.Between(_first, _last, _size.XTicks, wholeX))
        {
            Rule(html, "axis", X(x), Height - Bottom, X(x), Height - Bottom + 4);
            Label(html, Ticks.Format(x), X(x), Height - Bottom + 15, "middle");
        }

        Rule(html, "axis", Left, Height - Bottom, Width - Right, Height - Bottom);
        if (xLabel.Length > 0)
            Label(html, xLabel, (Left + Width - Right) / 2, Height - 3, "middle");
    }

    /// <summary>A line through values at x = first, first + 1, …; values that are not finite leave a gap, a lone value is a dot.</summary>
    public void Line(HtmlWriter html, string kind, double first, double[] values, string title)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var start = i;
            while (i < values.Length && double.IsFinite(values[i]))
                i++;
            if (i - start == 1)
            {
                Dot(html, kind, first + start, values[start]);
            }
            else if (i > start)
            {
                var points = new StringBuilder();
                for (var p = start; p < i; p++)
                    points.Append(p == start ? "" : " ").Append(HtmlWriter.Number(X(first + p))).Append(',').Append(HtmlWriter.Number(Y(values[p])));
                html.Open("polyline", "class", kind, "points", points.ToString()).Element("title", title).Close();
            }
        }
    }

    /// <summary>A line through finite points; a lone one is a dot.</summary>
    public void Curve(HtmlWriter html, string kind, IReadOnlyList<(double X, double Y)> points, string title)
    {
        if (points.Count == 1)
        {
            Dot(html, kind, points[0].X, points[0].Y);
            return;
        }

        var text = string.Join(' ', points.Select(p => $"{HtmlWriter.Number(X(p.X))},{HtmlWriter.Number(Y(p.Y))}"));
        html.Open("polyline", "class", kind, "points", text).Element("title", title).Close();
    }

    /// <summary>The area between the lower and the upper of two lines; nothing for no points.</summary>
    public void Band(HtmlWriter html, string kind, IReadOnlyList<(double X, double Low, double High)> points)
    {
        var outline = points.Select(p => (p.X, Y: p.Low)).Concat(points.Reverse().Select(p => (p.X, Y: p.High)));
        if (points.Count > 0)
            html.Open("polygon", "class", kind, "points", string.Join(' ', outline.Select(p => $"{HtmlWriter.Number(X(p.X))},{HtmlWriter.Number(Y(p.Y))}"))).Close();
    }

    public void Dot(HtmlWriter html, string kind, double x, double y)
    {
        if (double.IsFinite(y))
            html.Open("circle", "class", kind, "cx", HtmlWriter.Number(X(x)), "cy", HtmlWriter.Number(Y(y)), "r", "2.2").Close();
    }

    /// <summary>A bar from the panel's floor (y = 0) to <paramref name="y"/>.</summary>
    public void Bar(HtmlWriter html, double from, double to, double y, string title)
    {
        // Bars touch but for a hair; a bar of one of thousands is still seen.
        var width = Math.Max(0.5, X(to) - X(from) - 1);
        var height = y > 0 ? Math.Max(1, Y(0) - Y(y)) : 0;
        html.Open("rect", "class", "bar", "x", HtmlWriter.Number(X(from) + 0.5), "y", HtmlWriter.Number(Y(0) - height), "width", HtmlWriter.Number(width), "height", HtmlWriter.Number(height));
        html.Element("title", title).Close();
    }

    /// <summary>A labelled vertical line; <paramref name="row"/> keeps neighbours' labels apart.</summary>
    public void Marker(HtmlWriter html, double x, string text, int row)
    {
        Rule(html, "marker", X(x), Top - 4, X(x), Height - Bottom);
        var toLeft = X(x) > Width * 0.7;
        html.Element("text", text, "class", "marker", "x", HtmlWriter.Number(X(x) + (toLeft ? -5 : 5)), "y", HtmlWriter.Number(Top + 6 + row * 14), "text-anchor", toLeft ? "end" : "start");
    }

    private double X(double x) => Left + (x - _first) / (_last - _first) * (Width - Left - Right);

    private double Y(double y) => Top + (High - y) / (High - Low) * (Height - Top - Bottom);

    private static void Rule(HtmlWriter html, string kind, double x1, double y1, double x2, double y2) =>
        html.Open("line", "class", kind, "x1", HtmlWriter.Number(x1), "y1", HtmlWriter.Number(y1), "x2", HtmlWriter.Number(x2), "y2", HtmlWriter.Number(y2)).Close();

    private static void Label(HtmlWriter html, string text, double x, double y, string anchor) =>
        html.Element("text", text, "x", HtmlWriter.Number(x), "y", HtmlWriter.Number(y), "text-anchor", anchor);
}
