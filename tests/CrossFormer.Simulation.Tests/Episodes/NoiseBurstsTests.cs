using CrossFormer.Simulation.Episodes;

namespace CrossFormer.Simulation.Tests.Episodes;

public sealed class NoiseBurstsTests
{
    // A little more, for a burst may begin where the last one ends.
    [Theory]
    [InlineData(0.1, 0.102)]
    [InlineData(0.2, 0.208)]
    [InlineData(0.5, 0.55)]
    public void ShareOfDisturbedSteps_IsNearlyTheOneAskedFor(double share, double expected)
    {
        var disturbed = Pushes(share, 500_000).Count(p => p != 0);

        Assert.Equal(expected, disturbed / 500_000.0, 0.005);
    }

    [Fact]
    public void Bursts_PushOneWayForThreeToEightSteps()
    {
        var lengths = new List<int>();
        var (last, length) = (0f, 0);
        foreach (var push in Pushes(0.2, 5_000))
        {
            if (push != last && length > 0)
                (_, length) = (Add(lengths, length), 0);
            length += push != 0 ? 1 : 0;
            last = push;
        }

        Assert.InRange(lengths.Count, 100, 400);
        Assert.Equal([3, 4, 5, 6, 7, 8], lengths.Distinct().Order());
    }

    [Fact]
    public void NoShare_DisturbsNothing() => Assert.All(Pushes(0, 1_000), p => Assert.Equal(0, p));

    private static bool Add(List<int> list, int item)
    {
        list.Add(item);
        return true;
    }

    private static IEnumerable<float> Pushes(double share, int steps)
    {
        var bursts = new NoiseBursts(new Random(3), [1f], share);
        for (var i = 0; i < steps; i++)
        {
            float[] action = [0];
            bursts.Disturb(action);
            yield return action[0];
        }
    }
}
