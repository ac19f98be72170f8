using CsCheck;

namespace CrossFormer.Reports.Tests;

public class ActionChartSectionTests
{
    [Fact]
    public void Polylines_AreTheDataAtOneScale() =>
        Gen.Select(Gen.Double[-3, 3].Array[2, 20], Gen.Int[1, 6], Gen.Int[1, 1000]).Sample((actions, horizon, seed) =>
        {
            var random = new Random(seed);
            PredictedChunk[] chunks = [.. Enumerable.Range(0, actions.Length).Select(t => new PredictedChunk(t, Rows([.. Enumerable.Range(0, horizon + 1).Select(_ => random.NextDouble())])))];
            var page = Page.Of(new ActionChartSection(["x"], Rows(actions), chunks));
            var lines = page.Descendants("polyline").ToArray();
            var truth = lines.Single(l => (string)l.Attribute("class")! == "true").Points();
            var predicted = lines.Where(l => (string)l.Attribute("class")! == "predicted").Select(l => l.Points()).ToArray();
            Assert.Equal(actions.Length, truth.Length);
            Assert.Equal(chunks.Length, predicted.Length);

            // Pixels are one affine map of step and value for all lines, upwards for larger values, to a tenth of a pixel.
            var all = truth.Select((p, t) => (t, (double)(float)actions[t], p))
                .Concat(predicted.SelectMany((line, c) => line.Select((p, h) => (c + h, (double)chunks[c].Actions[h][0], p))))
                .ToArray();
            var (low, high) = (all.MinBy(a => a.Item2), all.MaxBy(a => a.Item2));
            var (first, last) = (all.MinBy(a => a.Item1), all.MaxBy(a => a.Item1));
            var (perStep, perValue) = ((last.p.X - first.p.X) / (last.Item1 - first.Item1), (high.p.Y - low.p.Y) / (high.Item2 - low.Item2));
            Assert.True(perStep > 0 && perValue < 0);
            Assert.All(all, a =>
            {
                Assert.Equal(first.p.X + perStep * (a.Item1 - first.Item1), a.p.X, 0.16);
                Assert.Equal(low.p.Y + perValue * (a.Item2 - low.Item2), a.p.Y, 0.16);
            });
            // Inside the panel.
            Assert.All(all, a => Assert.True(a.p.X is >= 44 and <= 352 && a.p.Y is >= 12 and <= 158));
        });

    [Fact]
    public void AChunk_StartsWithADotWhereItWasPredicted()
    {
        var page = Page.Of(new ActionChartSection(["x"], Rows([0, 1, 2, 3]), [new PredictedChunk(2, Rows([5, 6]))]));
        var truth = page.Class("polyline", "true").Single().Points();
        var dot = page.Class("circle", "predicted").Single();
        Assert.Equal(truth[2].X, (double)dot.Attribute("cx")!);
        Assert.Equal(page.Class("polyline", "predicted").Single().Points()[0].Y, (double)dot.Attribute("cy")!);
        Assert.Equal("predicted at step 2", page.Class("polyline", "predicted").Single().Element("title")!.Value);
    }

    [Fact]
    public void EachDimension_HasItsChartInOrder()
    {
        var page = Page.Of(new ActionChartSection(["x", "y"], [[1, 10], [2, 20]], []) { Captions = ["MAE 1", "MAE 2"] });
        Assert.Equal(["xMAE 1", "yMAE 2"], page.Class("figure", "chart").Select(f => f.Element("figcaption")!.Value));
    }

    [Fact]
    public void NotFiniteValues_AreGapsAndLoneValuesAreDots()
    {
        var page = Page.Of(new ActionChartSection(["x"], Rows([1, 2, double.NaN, 3, double.PositiveInfinity, 4, 5, 6]), [new PredictedChunk(0, Rows([double.NaN, 1]))]));
        Assert.Equal([2, 3], page.Class("polyline", "true").Select(l => l.Points().Length));
        Assert.Single(page.Class("circle", "true"));
        Assert.Single(page.Class("circle", "predicted"));
        Assert.DoesNotContain("NaN", page.ToString());
        Assert.DoesNotContain("∞", page.ToString());
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(-1e30)]
    [InlineData(1e-30)]
    public void ConstantOrAbsentValues_StillMakeAChart(double value)
    {
        var page = Page.Of(new ActionChartSection(["x"], Rows([value, value, value]), []));
        Assert.Equal(double.IsNaN(value) ? 0 : 1, page.Class("polyline", "true").Count());
        Assert.All(page.Class("polyline", "true").SelectMany(l => l.Points()), p => Assert.InRange(p.Y, 12, 158));
        Assert.NotEmpty(page.Descendants("svg").Last().Descendants("text"));
    }

    [Fact]
    public void NoStepsAndNoChunks_MakeAnEmptyChart() =>
        Assert.Empty(Page.Of(new ActionChartSection(["x"], [], [])).Descendants("polyline"));

    [Fact]
    public void ManyChunks_AreThinnedAndThePageSaysSo()
    {
        PredictedChunk[] chunks = [.. Enumerable.Range(0, 200).Select(t => new PredictedChunk(t, Rows([t, t + 1])))];
        var page = Page.Of(new ActionChartSection(["x"], Rows([.. Enumerable.Range(0, 200).Select(t => (double)t)]), chunks) { Note = "Metres." });
        Assert.Equal(50, page.Class("polyline", "predicted").Count());
        Assert.Equal("Metres. One predicted chunk of every 4 is drawn.", page.Class("p", "note").Single().Value);
    }

    [Fact]
    public void ARowOfAnotherWidth_IsRefused()
    {
        Assert.Contains("2 dimensions, expected 1", Assert.Throws<ArgumentException>(() => new ActionChartSection(["x"], [[1, 2]], [])).Message);
        Assert.Throws<ArgumentException>(() => new ActionChartSection(["x"], [[1]], [new PredictedChunk(0, [[]])]));
    }

    private static float[][] Rows(double[] values) => Array.ConvertAll(values, v => new[] { (float)v });
}
