using CrossFormer.Simulation.Episodes;

namespace CrossFormer.Simulation.Tests.Episodes;

public sealed class WilsonIntervalTests
{
    // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Interval_IsThePublishedOne(int successes, int trials, double low, double high)
    {
        var interval = WilsonInterval.Of(successes, trials);

        Assert.Equal((low, high), (Math.Round(interval.Low, 4), Math.Round(interval.High, 4)));
    }

    [Fact]
    public void Interval_IsSymmetricInSuccessAndFailure()
    {
        var (a, b) = (WilsonInterval.Of(17, 20), WilsonInterval.Of(3, 20));

        Assert.Equal(a.Low, 1 - b.High, 12);
        Assert.Equal(1, WilsonInterval.Of(20, 20).High);
    }

    [Fact]
    public void NoTrials_AreRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => WilsonInterval.Of(0, 0));
}
