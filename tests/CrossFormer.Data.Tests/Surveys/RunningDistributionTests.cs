using CrossFormer.Data.Surveys;

namespace CrossFormer.Data.Tests.Surveys;

/// <summary>A distribution collected value by value says what a second reading of all values would say.</summary>
public sealed class RunningDistributionTests
{
    [Theory]
    [InlineData(1, 500)]
    [InlineData(2, 5000)]
    [InlineData(3, 20000)]
    public void Summary_IsThatOfAllValuesWhateverTheirOrder(int seed, int count)
    {
        var random = new Random(seed);
        // The range grows in both directions while values come in.
        var values = Enumerable.Range(0, count).Select(i => (random.NextDouble() - 0.6) * (1 + i / 100.0)).ToArray();
        var actual = Collect(values);
        var (mean, low, high) = (values.Average(), values.Min(), values.Max());
        Assert.Equal((count, 0, low, high), (actual.Count, actual.NonFinite, actual.Min, actual.Max));
        Assert.Equal(mean, actual.Mean, 1e-9 * Math.Max(Math.Abs(low), high));
        Assert.Equal(Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), actual.Std, 1e-9 * (high - low));
        Assert.Equal(count, actual.Histogram.Sum());
        // A value may stand in a neighbouring bar only within one of the narrow bins that bars are made of.
        var below = 0L;
        for (var bar = 0; bar < actual.Histogram.Count - 1; bar++)
        {
            below += actual.Histogram[bar];
            var (edge, slack) = (low + (high - low) * (bar + 1) / actual.Histogram.Count, (high - low) / 1024);
            Assert.InRange(below, values.Count(v => v < edge - slack), values.Count(v => v <= edge + slack));
        }
    }

    [Fact]
    public void Outlier_DoesNotLoseTheOthers()
    {
        var actual = Collect([.. Enumerable.Range(0, 3000).Select(i => i / 3000.0), 1e30, -1e30]);
        Assert.Equal((3002, 1e30, -1e30), (actual.Count, actual.Max, actual.Min));
        Assert.Equal(3002, actual.Histogram.Sum());
        Assert.Equal((1, 1), (actual.Histogram[0], actual.Histogram[^1]));
    }

    [Fact]
    public void NumbersThatAreNone_AreCountedApart()
    {
        var actual = Collect([double.NaN, double.PositiveInfinity, 1e300, 2, 2]);
        Assert.Equal((2, 3, true), (actual.Count, actual.NonFinite, actual.IsConstant));
        Assert.Equal((2, 0), (actual.Mean, actual.Std));
        Assert.True(double.IsNaN(Collect([]).Mean));
    }

    [Fact]
    public void Constant_FillsOneBar() => Assert.Equal(5000, Collect([.. Enumerable.Repeat(-7.25, 5000)]).Histogram.Max());

    private static ValueDistribution Collect(double[] values)
    {
        var running = new RunningDistribution();
        foreach (var value in values)
            running.Add(value);
        return running.Summarize();
    }
}
