using CsCheck;

namespace CrossFormer.Reports.Tests;

public class TicksTests
{
    [Fact]
    public void Ticks_AreWithinTheRangeEvenAndNeitherFewNorMany() =>
        Gen.Select(Gen.Double[-1000, 1000], Gen.Double[-6, 6], Gen.Int[3, 8]).Sample((low, magnitude, wanted) =>
        {
            var high = low + Math.Pow(10, magnitude);
            var ticks = Ticks.Between(low, high, wanted);
            var range = high - low;
            Assert.InRange(ticks.Length, wanted / 2, wanted * 2 + 1);
            Assert.All(ticks, t => Assert.InRange(t, low - range * 1e-6, high + range * 1e-6));
            var step = ticks[1] - ticks[0];
            // Ticks near 1000 are known to about 1e-13: that much two differences may differ.
            Assert.All(ticks.Zip(ticks.Skip(1)), pair => Assert.Equal(step, pair.Second - pair.First, step * 1e-6 + 1e-12));
            // The step is 1, 2 or 5 times a power of ten.
            Assert.Contains(Math.Round(step / Math.Pow(10, Math.Floor(Math.Log10(step * 1.000001))), 4), new[] { 1.0, 2, 5 });
        });

    [Fact]
    public void WholeTicks_AreWholeAndDistinct() =>
        Assert.Equal([0, 1, 2], Ticks.Between(0, 2, 6, whole: true));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-0.25, "−0.25")]
    [InlineData(0.00002, "2e−5")]
    [InlineData(1500000, "1.5e6")]
    public void Labels_AreShort(double value, string label) => Assert.Equal(label, Ticks.Format(value));
}
