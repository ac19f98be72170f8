using System.Text;
using CrossFormer.Formats;

namespace CrossFormer.Reports;

/// <summary>
/// One HTML page that needs nothing else: styles, charts (SVG) and images are in it, it loads nothing, and a content
/// security policy says so to the browser. Light and dark, for screens, phones and paper. The same input gives the same
/// bytes. Charts are written as SVG directly: their labels are laid out by the browser in the page's own font and colours,
/// where a drawing library bakes the fonts of the machine into the file, and on a server without fonts draws none.
/// </summary>
/// <param name="title">The page's heading.</param>
/// <param name="subtitle">A line below it; null for none.</param>
public sealed class Report(string title, string? subtitle = null)
{
    /// <summary>The style sheet.</summary>
    internal static string Css { get; } = ReadCss();

    private readonly List<ReportSection> _sections = [];

    /// <summary>Key and value pairs in the page's head: what ran, on what, when.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts { get; init; } = [];

    /// <summary>Text at the page's foot; null for none.</summary>
    public string? Footer { get; init; }

    /// <summary>Appends a section.</summary>
    /// <returns>This report.</returns>
    public Report Add(ReportSection section)
    {
        _sections.Add(section);
        return this;
    }

    /// <summary>The page as HTML5 that is well-formed XML too.</summary>
    public string ToHtml()
    {
        using var html = new HtmlWriter();
        html.Open("html", "lang", "en").Open("head");
        html.Open("meta", "charset", "utf-8").Close();
        html.Open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1").Close();
        html.Open("meta", "http-equiv", "Content-Security-Policy", "content", "default-src 'none'; img-src data:; style-src 'unsafe-inline'").Close();
        html.Element("title", title).Style(Css).Close();
        html.Open("body").Open("main").Open("header").Element("h1", title);
        if (subtitle is not null)
            html.Element("p", subtitle, "class", "lead");
        if (Facts.Count > 0)
            FactsSection.WriteList(html, Facts);
        html.Close();
        foreach (var section in _sections)
            section.Write(html);
        if (Footer is not null)
            html.Element("footer", Footer);
        html.Close().Close().Close();
        return html.ToString();
    }

    /// <summary>Writes the page as UTF-8. An existing file is replaced at once, never left half-written.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(ToHtml()));

    private static string ReadCss()
    {
        using var reader = new StreamReader(typeof(Report).Assembly.GetManifestResourceStream("Report.css")!);
        return reader.ReadToEnd();
    }
}
