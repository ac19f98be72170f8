using System.Globalization;

namespace CrossFormer.Reports;

/// <summary>
/// Numbers in rows and columns, the smallest of each row marked: errors per dimension, a method per column. All numbers
/// have the same decimals, as many as the smallest needs for two digits (five at most), counts none.
/// </summary>
public sealed class TableSection : ReportSection
{
    private readonly string _corner;
    private readonly IReadOnlyList<string> _columns;
    private readonly IReadOnlyList<TableRow> _rows;

    /// <summary>Makes a table.</summary>
    /// <param name="corner">What the rows are, for example <c>dimension</c>.</param>
    /// <param name="columns">The columns' headings.</param>
    /// <param name="rows">The rows.</param>
    /// <exception cref="ArgumentException">A row has another number of values than there are columns.</exception>
    public TableSection(string corner, IReadOnlyList<string> columns, IReadOnlyList<TableRow> rows)
    {
        foreach (var row in rows)
        {
            if (row.Values.Length != columns.Count)
                throw new ArgumentException($"Row '{row.Name}' has {row.Values.Length} values, expected {columns.Count}.", nameof(rows));
        }

        (_corner, _columns, _rows) = (corner, columns, rows);
    }

    /// <summary>Whether the smallest value of each row is marked; true by default.</summary>
    public bool MarkSmallest { get; init; } = true;

    /// <summary>Whether each column has decimals of its own, being of another quantity; false by default.</summary>
    public bool PerColumn { get; init; }

    private protected override void WriteBody(HtmlWriter html)
    {
        var decimals = Decimals();
        // Wide tables scroll in their own frame on a phone, and the frame can be reached with the keyboard.
        html.Open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", Title ?? _corner).Open("table").Open("thead").Open("tr");
        html.Element("th", _corner, "scope", "col");
        foreach (var column in _columns)
            html.Element("th", column, "scope", "col");
        html.Close().Close().Open("tbody");
        foreach (var row in _rows)
        {
            html.Open("tr", "class", row.IsTotal ? "total" : null).Element("th", row.Name, "scope", "row");
            var best = MarkSmallest && row.Values.Length > 1 ? row.Values.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min() : double.NaN;
            foreach (var (column, value) in row.Values.Index())
            {
                var isBest = value == best;
                html.Open("td", "class", isBest ? "best" : null).Text(Format(value, $"F{decimals[column]}"));
                if (isBest)
                    html.Element("span", " (best)", "class", "unseen");
                html.Close();
            }

            html.Close();
        }

        html.Close().Close().Close();
    }

    private int[] Decimals() => PerColumn
        ? [.. Enumerable.Range(0, _columns.Count).Select(c => Decimals(_rows.Select(r => r.Values[c])))]
        : [.. Enumerable.Repeat(Decimals(_rows.SelectMany(r => r.Values)), _columns.Count)];

    private static int Decimals(IEnumerable<double> numbers)
    {
        var values = numbers.Where(double.IsFinite).Select(Math.Abs).ToArray();
        if (values.All(double.IsInteger))
            return 0;
        var smallest = values.Where(v => v != 0).Min();
        return Math.Clamp(1 - (int)Math.Floor(Math.Log10(smallest)), 0, 5);
    }

    private static string Format(double value, string format) =>
        double.IsNaN(value) ? "–" : value.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−');
}
