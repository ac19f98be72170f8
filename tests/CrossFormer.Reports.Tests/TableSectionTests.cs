namespace CrossFormer.Reports.Tests;

public class TableSectionTests
{
    [Fact]
    public void TheSmallestOfEachRow_IsMarkedToEyeAndEar()
    {
        var page = Page.Of(new TableSection("dimension", ["policy", "last", "mean"],
            [new("x", [0.2, 0.1, 0.3]), new("y", [0.5, double.NaN, 0.5]), new("all", [0.1, 0.2, 0.3], IsTotal: true)]));
        var rows = page.Descendants("tbody").Single().Elements("tr").ToArray();
        Assert.Equal(["0.20", "0.10 (best)", "0.30"], rows[0].Elements("td").Select(d => d.Value));
        Assert.Equal(["0.50 (best)", "–", "0.50 (best)"], rows[1].Elements("td").Select(d => d.Value));
        Assert.Equal("total", (string?)rows[2].Attribute("class"));
        Assert.Equal(4, page.Class("td", "best").Count());
        Assert.Equal(["dimension", "policy", "last", "mean"], page.Descendants("thead").Single().Descendants("th").Select(h => h.Value));
        Assert.Equal(["x", "y", "all"], rows.Select(r => r.Element("th")!.Value));
    }

    [Fact]
    public void MarkSmallestFalse_MarksNothing() =>
        Assert.Empty(Page.Of(new TableSection("d", ["a", "b"], [new("x", [1, 2])]) { MarkSmallest = false }).Class("td", "best"));

    [Theory]
    [InlineData(0.00123, "0.0012")]
    [InlineData(1.5, "1.5")]
    [InlineData(1234.5, "1234")]
    [InlineData(1e-9, "0.00000")]
    [InlineData(0, "0")]
    [InlineData(3, "3")]
    public void Numbers_HaveTwoDigitsOfTheSmallest_AndCountsNoDecimals(double value, string text) =>
        Assert.Equal(text, Page.Of(new TableSection("d", ["a"], [new("x", [value])])).Descendants("td").Single().Value);

    [Fact]
    public void ARowOfAnotherWidth_IsRefused() =>
        Assert.Contains("'x' has 1 values, expected 2", Assert.Throws<ArgumentException>(() => new TableSection("d", ["a", "b"], [new("x", [1])])).Message);
}
