namespace CrossFormer.Reports;

/// <summary>Something that the reader must know before trusting the numbers, for example that the weights are untrained.</summary>
/// <param name="text">One or two sentences.</param>
public sealed class NoticeSection(string text) : ReportSection
{
    /// <summary>Points below the text, a line each; none by default.</summary>
    public IReadOnlyList<string> Points { get; init; } = [];

    internal override void Write(HtmlWriter html)
    {
        html.Open("div", "class", "notice", "role", "note");
        WriteBody(html);
        html.Close();
    }

    private protected override void WriteBody(HtmlWriter html)
    {
        html.Open("p");
        if (Title is not null)
            html.Element("strong", Title).Text(" ");
        html.Text(text).Close();
        if (Points.Count == 0)
            return;
        html.Open("ul");
        foreach (var point in Points)
            html.Element("li", point);
        html.Close();
    }
}
