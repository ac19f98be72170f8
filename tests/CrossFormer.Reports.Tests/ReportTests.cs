using System.Text.RegularExpressions;
using System.Xml.Linq;
using CrossFormer.Arrays;
using CrossFormer.Images;

namespace CrossFormer.Reports.Tests;

public class ReportTests
{
    private const string Hostile = "<script>alert(\"1\")</script> & ' ]]> --> &amp; é 🤖";

    [Fact]
    public void Page_IsWellFormedAndHasOneHeadingAndAWrittenLanguage()
    {
        var page = Page.Parse(Full("report").ToHtml());
        Assert.StartsWith("<!DOCTYPE html>", Full("report").ToHtml());
        Assert.Equal("report", page.Descendants("h1").Single().Value);
        Assert.Equal("en", (string?)page.Attribute("lang"));
        Assert.Equal("utf-8", (string?)page.Descendants("meta").First().Attribute("charset"));
        // Every chart and picture can be told to who does not see it; every section has its heading.
        Assert.All(page.Descendants("svg"), svg => Assert.True(svg.Attribute("aria-label") is { Value.Length: > 0 } || svg.Attribute("aria-hidden") is not null));
        Assert.All(page.Descendants("img"), img => Assert.NotEmpty((string)img.Attribute("alt")!));
        Assert.All(page.Descendants("section"), section => Assert.Equal((string?)section.Attribute("aria-labelledby"), (string?)section.Element("h2")!.Attribute("id")));
        var ids = page.Descendants().Attributes("id").Select(a => a.Value).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Page_LoadsNothing()
    {
        var html = Full("report").ToHtml();
        var page = Page.Parse(html);
        Assert.DoesNotContain(page.Descendants(), e => e.Name.LocalName is "script" or "link" or "iframe" or "object" or "embed" or "base" or "form" or "use");
        Assert.All(page.Descendants().Attributes().Where(a => a.Name.LocalName is "src" or "href" or "srcset" or "action"), a => Assert.StartsWith("data:image/", a.Value));
        Assert.DoesNotContain(page.Descendants().Attributes(), a => a.Name.LocalName.StartsWith("on") || a.Name.LocalName == "style");
        Assert.DoesNotMatch(@"url\(|@import|https?://", page.Descendants("style").Single().Value);
        Assert.DoesNotContain("://", html);
        var policy = page.Descendants("meta").Single(m => (string?)m.Attribute("http-equiv") == "Content-Security-Policy");
        Assert.StartsWith("default-src 'none';", (string?)policy.Attribute("content"));
    }

    [Fact]
    public void OnlyVoidElements_AreSelfClosed_OutsideOfSvg()
    {
        var withoutSvg = Regex.Replace(Full("").ToHtml(), "<svg.*?</svg>", "", RegexOptions.Singleline);
        Assert.All(Regex.Matches(withoutSvg, @"<(\w+)[^<>]*/>").Select(m => m.Groups[1].Value), name => Assert.Contains(name, new[] { "meta", "img", "br" }));
    }

    [Fact]
    public void AllText_IsEscaped()
    {
        var page = Page.Parse(Full(Hostile).ToHtml());
        Assert.Empty(page.Descendants("script"));
        var texts = page.Descendants().Where(e => !e.HasElements).Select(e => e.Value).Concat(page.Descendants().Attributes().Select(a => a.Value)).ToArray();
        // title, h1, lead, facts (2), h2 of four sections, notes, dimension, table, frame, footer, …
        Assert.True(texts.Count(t => t.Contains(Hostile)) >= 16);
    }

    [Fact]
    public void CharactersThatHtmlCannotHold_AreReplaced()
    {
        var page = Page.Parse(new Report("a\0b\u0001c\uD800d\uFFFEe").ToHtml());
        Assert.Equal("a\uFFFDb\uFFFDc\uFFFDd\uFFFDe", page.Descendants("h1").Single().Value);
    }

    [Fact]
    public void SameInput_GivesTheSameBytes() => Assert.Equal(Full("report").ToHtml(), Full("report").ToHtml());

    [Fact]
    public void Save_ReplacesTheFileAndLeavesNothingBeside()
    {
        var folder = Directory.CreateTempSubdirectory("crossformer-reports-").FullName;
        try
        {
            var path = Path.Combine(folder, "report.html");
            File.WriteAllText(path, "old");
            Full("é").Save(path);
            Assert.Equal(Full("é").ToHtml(), File.ReadAllText(path));
            Assert.Equal((byte)'<', File.ReadAllBytes(path)[0]);
            Assert.Equal([path], Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Notice_IsAnnounced()
    {
        var page = Page.Of(new NoticeSection("These weights are untrained.") { Title = "Mind:" });
        var notice = page.Class("div", "notice").Single();
        Assert.Equal("note", (string?)notice.Attribute("role"));
        Assert.Equal("Mind: These weights are untrained.", notice.Value.Trim());
    }

    private static Report Full(string text) =>
        new Report(text, text) { Facts = [(text, text)], Footer = text }
            .Add(new NoticeSection(text) { Title = text })
            .Add(new FactsSection([(text, text)]) { Title = text, Note = text })
            .Add(new FilmstripSection([new FilmFrame(ImageCodec.EncodePng(Formula.Image("frame", 8, 8, 3)), text.Length > 0 ? text : "frame")]) { Title = text })
            .Add(new ActionChartSection([text], [[1], [2], [3]], [new PredictedChunk(1, [[2], [2.5f]])]) { Title = text, Captions = [text] })
            .Add(new HistogramSection([1, 2, 3], text) { Title = text })
            .Add(new TableSection(text, [text, "other"], [new TableRow(text, [1, 2])]) { Title = text });
}
