using CrossFormer.Policies;
using CsCheck;

namespace CrossFormer.Core.Tests.Policies;

public class ExecutionStrategyTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.1);

    [Fact]
    public void WholeChunk_GivesEveryActionOfEachChunk()
    {
        var strategy = new WholeChunk();
        Assert.Equal((0, false), (strategy.StepsUntilChunk, strategy.HasAction));
        strategy.Accept(Chunk(1, 2, 3));
        Assert.Equal([1, 2, 3], Drain(strategy));
        strategy.Accept(Chunk(4, 5, 6), skip: 1);
        Assert.Equal(2, strategy.StepsUntilChunk);
        Assert.Equal([5, 6], Drain(strategy));
    }

    [Fact]
    public void RecedingHorizon_WantsAChunkAfterItsSteps_AndGoesOnWithTheOldWhenItIsLate()
    {
        var strategy = new RecedingHorizon(2);
        strategy.Accept(Chunk(1, 2, 3, 4));
        Assert.Equal([1, 2], Drain(strategy));
        Assert.True(strategy.HasAction);
        Assert.Equal([3f], strategy.NextAction());
        Assert.Equal(0, strategy.StepsUntilChunk);
        strategy.Accept(Chunk(10, 20, 30, 40), skip: 3);
        Assert.Equal(1, strategy.StepsUntilChunk); // two wanted, one there
        Assert.Equal([40], Drain(strategy));
        Assert.False(strategy.HasAction);
    }

    [Fact]
    public void RecedingHorizon_OfMoreStepsThanTheChunkHas_IsTheWholeChunk()
    {
        var strategy = new RecedingHorizon(100);
        strategy.Accept(Chunk(1, 2));
        Assert.Equal([1, 2], Drain(strategy));
    }

    [Fact]
    public void TemporalEnsembling_WithoutDecay_IsTheMeanOfAllPredictionsForTheStep()
    {
        var strategy = new TemporalEnsembling();
        strategy.Accept(Chunk(0, 10, 20));
        Assert.Equal([0f], strategy.NextAction());
        strategy.Accept(Chunk(20, 30, 40));
        Assert.Equal([15f], strategy.NextAction()); // 10 and 20
        strategy.Accept(Chunk(40, 50, 60));
        Assert.Equal([30f], strategy.NextAction()); // 20, 30, 40
        Assert.Equal([45f], strategy.NextAction()); // 40 and 50: the first chunk is used up, no new one came
    }

    [Fact]
    public void TemporalEnsembling_WithPositiveDecay_TrustsTheOldest()
    {
        var strategy = new TemporalEnsembling(weight: Math.Log(3));
        strategy.Accept(Chunk(0, 8));
        strategy.NextAction();
        strategy.Accept(Chunk(0, 0));
        Assert.Equal(6, strategy.NextAction()[0], 1e-6f); // (3·8 + 1·0) / 4
    }

    [Fact]
    public void TemporalEnsembling_IsTheReferencesFormula() =>
        Gen.Select(Gen.Int[1, 6], Gen.Double[-2, 2], Gen.Float[-3, 3].Array[60]).Sample((horizon, w, values) =>
        {
            var strategy = new TemporalEnsembling(w);
            var history = new List<float[]>();
            for (var step = 0; step < 60 / horizon; step++)
            {
                var actions = values[(step * horizon)..((step + 1) * horizon)];
                strategy.Accept(Chunk(actions));
                strategy.NextAction();

                // As scripts/server.py reads: a bounded queue of chunks; the newest gives its first action, the oldest its last.
                history.Add(actions);
                if (history.Count > horizon)
                    history.RemoveAt(0);
                var n = history.Count;
                var (sum, total) = (0.0, 0.0);
                for (var i = 0; i < n; i++)
                {
                    sum += Math.Exp(-w * i) * history[i][n - 1 - i];
                    total += Math.Exp(-w * i);
                }

                Assert.Equal(sum / total, strategy.LastAverage[0], 1e-12);
            }
        });

    [Theory]
    [InlineData(1000)]
    [InlineData(-1000)]
    public void TemporalEnsembling_OfExtremeDecay_IsOnePrediction_NotNaN(double weight)
    {
        var strategy = new TemporalEnsembling(weight);
        strategy.Accept(Chunk(1, 2, 3));
        strategy.NextAction();
        strategy.Accept(Chunk(10, 20, 30));
        Assert.Equal([weight > 0 ? 2f : 10f], strategy.NextAction());
    }

    [Theory]
    [InlineData(ExecutionStrategyKind.WholeChunk, typeof(WholeChunk))]
    [InlineData(ExecutionStrategyKind.RecedingHorizon, typeof(RecedingHorizon))]
    [InlineData(ExecutionStrategyKind.TemporalEnsembling, typeof(TemporalEnsembling))]
    public void EveryStrategy_RefusesWhatItCannotExecute_AndForgetsOnReset(ExecutionStrategyKind kind, Type type)
    {
        var strategy = new ExecutionOptions(kind).CreateStrategy();
        Assert.IsType(type, strategy);
        Assert.Throws<InvalidOperationException>(() => strategy.NextAction());
        Assert.Contains("0 to 1 steps", Assert.Throws<ArgumentException>(() => strategy.Accept(Chunk(1, 2), skip: 2)).Message);
        Assert.Throws<ArgumentException>(() => strategy.Accept(Chunk(1, 2), skip: -1));
        strategy.Accept(Chunk(1, 2));
        var other = new ActionChunk(new float[4], 2, TimeSpan.Zero, Period);
        Assert.Contains("expected 1 dimensions", Assert.Throws<ArgumentException>(() => strategy.Accept(other)).Message);
        strategy.Reset();
        Assert.Equal((false, 0), (strategy.HasAction, strategy.StepsUntilChunk));
        strategy.Accept(other);
    }

    [Fact]
    public void Parameters_OutOfRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecedingHorizon(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TemporalEnsembling(double.NaN));
    }

    private static ActionChunk Chunk(params float[] actions) => new(actions, 1, TimeSpan.Zero, Period);

    private static List<float> Drain(IExecutionStrategy strategy)
    {
        var actions = new List<float>();
        while (strategy.StepsUntilChunk > 0)
            actions.Add(strategy.NextAction()[0]);
        return actions;
    }
}
