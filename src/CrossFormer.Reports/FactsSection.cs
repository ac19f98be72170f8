namespace CrossFormer.Reports;

/// <summary>Key and value pairs.</summary>
/// <param name="facts">Shown in their order.</param>
public sealed class FactsSection(IReadOnlyList<(string Name, string Value)> facts) : ReportSection
{
    internal static void WriteList(HtmlWriter html, IReadOnlyList<(string Name, string Value)> facts)
    {
        html.Open("dl", "class", "facts");
        foreach (var (name, value) in facts)
            html.Open("div").Element("dt", name).Element("dd", value).Close();
        html.Close();
    }

    private protected override void WriteBody(HtmlWriter html) => WriteList(html, facts);
}
