using CrossFormer.Data.Mixtures;

namespace CrossFormer.Data.Tests.Mixtures;

public class MemorySharesTests
{
    [Fact]
    public void Split_FollowsTheWeights_AndGivesAwayWhatASmallDatasetCannotUse()
    {
        Assert.Equal([600L, 300, 100], MemoryShares.Split(1000, [0.6, 0.3, 0.1], [9999, 9999, 9999]));
        Assert.Equal([50L, 712, 237], MemoryShares.Split(1000, [0.6, 0.3, 0.1], [50, 9999, 9999]));
        Assert.Equal([50L, 60, 70], MemoryShares.Split(1000, [0.6, 0.3, 0.1], [50, 60, 70]));
    }

    [Theory]
    // 100 episodes of 1000 bytes: 64 of them in memory, or as many parts of them as that takes.
    [InlineData(100_000, 1), InlineData(64_000, 1), InlineData(32_000, 2), InlineData(1000, 16)]
    public void Parts_AreAsManyAsItTakes(long share, int parts) => Assert.Equal(parts, MemoryShares.Parts(share, 100_000, 100, 16));

    [Fact]
    public void Allocate_GivesEveryDatasetOne_AndTheRestByWeight()
    {
        Assert.Equal([6, 3, 1], MemoryShares.Allocate(10, [0.6, 0.3, 0.1]));
        Assert.Equal([1, 4, 5], MemoryShares.Allocate(10, [0.01, 0.44, 0.55]));
        Assert.Equal([1, 1, 1], MemoryShares.Allocate(3, [0.98, 0.01, 0.01]));
        Assert.Equal([1, 1, 1], MemoryShares.Allocate(1, [0.98, 0.01, 0.01]));
    }
}
