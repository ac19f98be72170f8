using System.Xml.Linq;

namespace CrossFormer.Reports.Tests;

public class CurvePictureTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Draw_IsAnSvgFileWithACurveAndANameForEachQuantity()
    {
        var picture = XDocument.Parse(CurvePicture.Draw("Memory, MiB", [new("resident", [(0, 100), (10, 1200), (20, 1100)]), new("managed", [(0, 50), (20, 900)])], "frames", 2048)).Root!;
        Assert.Equal(Svg + "svg", picture.Name);
        Assert.Equal(["true", "predicted"], picture.Elements(Svg + "polyline").Select(l => (string)l.Attribute("class")!));
        var texts = picture.Elements(Svg + "text").Select(t => t.Value).ToArray();
        Assert.All(["Memory, MiB", "frames", "resident", "managed", "0", "2000"], t => Assert.Contains(t, texts));
        // The rules that colour the lines, and nothing of the page around them.
        var style = Assert.Single(picture.Elements(Svg + "style")).Value;
        Assert.Contains("svg .predicted", style);
        Assert.Contains("--panel", style);
        Assert.DoesNotContain("table", style);
    }

    [Fact]
    public void Draw_PutsTheHigherValueHigher()
    {
        var picture = XDocument.Parse(CurvePicture.Draw("t", [new("a", [(0, 0), (1, 10)])], "x", 10)).Root!;
        var y = picture.Elements(Svg + "polyline").Single().Attribute("points")!.Value.Split(' ').Select(p => double.Parse(p.Split(',')[1], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.True(y[1] < y[0]);
    }

    [Fact]
    public void Draw_RefusesCurvesWithoutPoints()
    {
        Assert.Throws<ArgumentException>(() => CurvePicture.Draw("t", [], "x", 1));
        Assert.Contains("a of 0", Assert.Throws<ArgumentException>(() => CurvePicture.Draw("t", [new("a", [(0, double.NaN)])], "x", 1)).Message);
    }
}
