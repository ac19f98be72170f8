using System.Globalization;
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
        var points = Points(picture.Elements(Svg + "polyline").Single());
        Assert.True(points[1].Y < points[0].Y);
    }

    [Fact]
    public void Draw_ShadesFromTheLowValuesToTheHighOnesAndBack()
    {
        var picture = XDocument.Parse(CurvePicture.Draw("t", [new("a", [(10, 20), (100, 60)]) { Band = [(10, 10, 40), (100, 50, 80)] }], "x", 100)).Root!;
        var line = Points(picture.Element(Svg + "polyline")!);
        var band = Points(picture.Element(Svg + "polygon")!);
        Assert.Equal([line[0].X, line[1].X, line[1].X, line[0].X], band.Select(p => p.X));
        // Pixels grow downwards.
        Assert.True(band[0].Y > line[0].Y && band[1].Y > line[1].Y && band[2].Y < line[1].Y && band[3].Y < line[0].Y);
        Assert.Empty(XDocument.Parse(CurvePicture.Draw("t", [new("a", [(0, 0), (1, 10)])], "x", 10)).Root!.Elements(Svg + "polygon"));
    }

    [Fact]
    public void Draw_RefusesCurvesWithoutPoints()
    {
        Assert.Throws<ArgumentException>(() => CurvePicture.Draw("t", [], "x", 1));
        Assert.Contains("a of 0", Assert.Throws<ArgumentException>(() => CurvePicture.Draw("t", [new("a", [(0, double.NaN)])], "x", 1)).Message);
    }

    private static (double X, double Y)[] Points(XElement line) =>
        [.. ((string)line.Attribute("points")!).Split(' ').Select(p => p.Split(',').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray()).Select(p => (p[0], p[1]))];
}
