using CrossFormer.Statistics;
using CrossFormer.Training.Runs;

namespace CrossFormer.Training.Tests.Runs;

public sealed class EvaluationTests
{
    // As datasets have whose actions come in chunks already: each step of a chunk has its own mean and deviation.
    [Fact]
    public void StepsOfAChunk_HaveTheirOwnStatistics()
    {
        var statistics = new FeatureStatistics([1, 2, 10, 20], [1, 1, 3, 3], rows: 2);
        var normalizer = new Normalizer(Normalization.Normal, statistics);

        var chunk = Evaluation.InRobotUnits(normalizer, [1, 1, 99, 1, 1, 99, 1, 1, 99], width: 3);

        Assert.Equal([[2f, 3f], [13f, 23f]], chunk);
    }
}
