using System.Text.RegularExpressions;
using System.Xml.Linq;
using CsCheck;

namespace CrossFormer.Reports.Tests;

public class HistogramSectionTests
{
    [Fact]
    public void Bars_CountEveryValueOnce() =>
        Gen.Double[-50, 50].Array[1, 200].Sample(values =>
        {
            var bars = Bars(Page.Of(new HistogramSection(values, "ms")));
            Assert.InRange(bars.Length, 1, 24);
            Assert.Equal(values.Length, bars.Sum(b => b.Count));
            // Heights are in proportion to the counts, to the tenth of a pixel they are written with.
            var highest = bars.MaxBy(b => b.Count);
            Assert.All(bars, b => Assert.Equal(b.Count == 0 ? 0 : Math.Max(1, highest.Height * b.Count / highest.Count), b.Height, 0.11));
        });

    [Fact]
    public void Percentiles_AreInterpolated()
    {
        var texts = Page.Of(new HistogramSection([.. Enumerable.Range(0, 101).Select(i => (double)i)], "ms")).Class("text", "marker").Select(t => t.Value);
        Assert.Equal(["p50 50", "p95 95"], texts);
        Assert.Equal(["p50 1.5", "p95 1.95"], Page.Of(new HistogramSection([2, 1], "ms")).Class("text", "marker").Select(t => t.Value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3.5)]
    [InlineData(-1e9)]
    public void EqualValues_MakeOneFullBar(double value)
    {
        var bars = Bars(Page.Of(new HistogramSection([value, value, value], "")));
        Assert.Equal([3], bars.Select(b => b.Count).Where(c => c > 0));
    }

    [Fact]
    public void NotFiniteValues_AreLeftOutAndSaid()
    {
        var page = Page.Of(new HistogramSection([1, 2, double.NaN, double.PositiveInfinity], "ms") { Note = "Steps." });
        Assert.Equal(2, Bars(page).Sum(b => b.Count));
        Assert.Equal("Steps. 2 of 4 values are not finite and left out.", page.Class("p", "note").Single().Value);
    }

    [Fact]
    public void NoValues_AreSaid() => Assert.Contains("There are no values.", Page.Of(new HistogramSection([], "ms")).Value);

    private static (int Count, double Height)[] Bars(XElement page) =>
        [.. page.Class("rect", "bar").Select(b => (int.Parse(Regex.Match(b.Element("title")!.Value, @": (\d+)$").Groups[1].Value), (double)b.Attribute("height")!))];
}
