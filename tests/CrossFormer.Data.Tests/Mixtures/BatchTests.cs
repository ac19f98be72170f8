using System.Text.Json;
using CrossFormer.Arrays;
using CrossFormer.Data.Mixtures;

namespace CrossFormer.Data.Tests.Mixtures;

public class BatchTests
{
    private static readonly Dictionary<string, NdArray> Arrays = new() { ["action"] = NdArray.From([1f, 2, 3, 4], 2, 2) };

    [Fact]
    public void Arrays_OfAnotherNumberOfSamples_AreRefused()
    {
        Assert.Contains("'action' float32[2,2]", Assert.Throws<ArgumentException>(() => new Batch(3, Arrays)).Message);
        Assert.Contains("1 texts 'words'", Assert.Throws<ArgumentException>(() => new Batch(2, Arrays, new Dictionary<string, IReadOnlyList<string>> { ["words"] = ["a"] })).Message);
    }

    [Fact]
    public void UnknownName_IsAnsweredWithTheKnownOnes()
    {
        var batch = new Batch(2, Arrays);
        Assert.Contains("it has action", Assert.Throws<KeyNotFoundException>(() => batch["actions"]).Message);
    }

    [Fact]
    public void Dispose_RecyclesOnceAndClosesTheBatch()
    {
        var recycled = 0;
        var batch = new Batch(2, Arrays, new Dictionary<string, IReadOnlyList<string>>(), () => recycled++);
        Assert.Same(Arrays["action"], batch["action"]);
        batch.Dispose();
        batch.Dispose();
        Assert.Equal(1, recycled);
        Assert.Throws<ObjectDisposedException>(() => batch["action"]);
    }

    [Fact]
    public void State_SurvivesJson()
    {
        var state = new LoaderState
        {
            Seed = ulong.MaxValue,
            Rank = 1,
            WorldSize = 2,
            MemoryBudget = 1 << 30,
            Samples = 1L << 40,
            Streams = new Dictionary<string, StreamPosition> { ["bridge"] = new(3, long.MaxValue, 5, -1, 7) },
        };
        var copy = JsonSerializer.Deserialize<LoaderState>(JsonSerializer.Serialize(state))!;
        Assert.Equal(state with { Streams = copy.Streams }, copy);
        Assert.Equal(state.Streams, copy.Streams);
    }
}
