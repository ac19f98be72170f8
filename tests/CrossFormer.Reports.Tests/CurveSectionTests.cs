using CsCheck;

namespace CrossFormer.Reports.Tests;

public class CurveSectionTests
{
    [Fact]
    public void EveryCurve_HasAChartOfItsOwnScale()
    {
        var page = Page.Of(new CurveSection([new("loss", [(0, 100), (50, 50), (100, 0)]), new("rate", [(0, 0), (100, 1e-4)])], "batch"));
        var charts = page.Class("figure", "chart").ToArray();
        Assert.Equal(["loss", "rate"], charts.Select(c => c.Element("figcaption")!.Nodes().First().ToString().Trim()));
        var (falling, rising) = (charts[0].Descendants("polyline").Single().Points(), charts[1].Descendants("polyline").Single().Points());
        // Larger values are higher up; both fill their panel's height alike, whatever their units.
        Assert.True(falling[0].Y < falling[1].Y && falling[1].Y < falling[2].Y);
        Assert.Equal(falling[2].Y - falling[0].Y, rising[0].Y - rising[1].Y, 0.2);
        Assert.Equal((falling[0].X + falling[2].X) / 2, falling[1].X, 0.1);
        Assert.All(charts, c => Assert.Contains(c.Descendants("text"), t => t.Value == "batch"));
    }

    [Fact]
    public void ValuesThatAreNotFinite_AreLeftOut()
    {
        var page = Page.Of(new CurveSection([new("loss", [(0, 1), (1, double.NaN), (2, double.PositiveInfinity), (3, 2)]), new("absent", [(0, double.NaN)])]));
        var chart = Assert.Single(page.Class("figure", "chart"));
        Assert.Equal(2, chart.Descendants("polyline").Single().Points().Length);
        Assert.Contains("2 values from 1 to 2", (string)chart.Descendants("svg").Single().Attribute("aria-label")!);
        Assert.Equal("last 2", chart.Element("figcaption")!.Element("span")!.Value);
    }

    [Fact]
    public void AllCharts_ShareTheStepsOfTheLongest()
    {
        var page = Page.Of(new CurveSection([new("long", [(0, 1), (100, 2)]), new("short", [(0, 1), (50, 2)])]));
        var (whole, half) = (page.Descendants("polyline").First().Points(), page.Descendants("polyline").Last().Points());
        Assert.Equal((whole[0].X + whole[1].X) / 2, half[1].X, 0.1);
    }

    [Fact]
    public void AnyCurve_StaysInsideItsPanel() =>
        Gen.Double[-1e6, 1e6].Array[1, 30].Sample(values =>
        {
            var page = Page.Of(new CurveSection([new("x", [.. values.Select((v, i) => ((double)i, v))])]));
            Assert.All(page.Descendants("polyline").SelectMany(l => l.Points()), p => Assert.True(p.X is >= 44 and <= 352.1 && p.Y is >= 12 and <= 158));
        });

    [Fact]
    public void NoCurveAtAll_IsNoError() => Assert.Empty(Page.Of(new CurveSection([])).Class("figure", "chart"));
}
