namespace CrossFormer.Reports.Tests;

public class DistributionSectionTests
{
    [Fact]
    public void Bars_AreInProportionAndStandAtTheirValues()
    {
        var page = Page.Of(new DistributionSection([new Distribution("x", 0, 4, [1, 0, 2, 4], "mean 2")]));
        var bars = page.Class("rect", "bar").Select(b => (X: (double)b.Attribute("x")!, Height: (double)b.Attribute("height")!)).ToArray();
        // An empty bar is none.
        Assert.Equal(3, bars.Length);
        Assert.Equal(bars[2].Height / 4, bars[0].Height, 0.1);
        Assert.Equal(bars[2].Height / 2, bars[1].Height, 0.1);
        Assert.Equal(2 * (bars[2].X - bars[1].X), bars[1].X - bars[0].X, 0.11);
        Assert.Contains("mean 2", Assert.Single(page.Descendants("figcaption")).Value);
    }

    [Theory]
    [InlineData(3, 3, 5, "always 3")]
    [InlineData(double.NaN, double.NaN, 0, "no values")]
    public void NothingToDraw_IsSaid(double low, double high, long count, string expected)
    {
        var page = Page.Of(new DistributionSection([new Distribution("x", low, high, [count, 0], "")]));
        Assert.Empty(page.Descendants("svg"));
        Assert.Contains(expected, Assert.Single(page.Descendants("figure")).Value);
    }

    [Fact]
    public void Notice_ListsItsPoints() =>
        Assert.Equal(["<one>", "two"], Page.Of(new NoticeSection("Look:") { Points = ["<one>", "two"] }).Descendants("li").Select(l => l.Value));
}
