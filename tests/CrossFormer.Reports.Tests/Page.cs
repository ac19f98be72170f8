using System.Xml;
using System.Xml.Linq;

namespace CrossFormer.Reports.Tests;

/// <summary>A report's page, parsed.</summary>
internal static class Page
{
    public static XElement Parse(string html)
    {
        using var reader = XmlReader.Create(new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader).Root!;
    }

    public static XElement Of(ReportSection section) => Parse(new Report("title").Add(section).ToHtml());

    public static IEnumerable<XElement> Class(this XElement root, string name, string @class) =>
        root.Descendants(name).Where(e => ((string?)e.Attribute("class") ?? "").Split(' ').Contains(@class));

    public static (double X, double Y)[] Points(this XElement polyline) =>
        [.. ((string)polyline.Attribute("points")!).Split(' ').Select(p => p.Split(',')).Select(p => (double.Parse(p[0]), double.Parse(p[1])))];
}
