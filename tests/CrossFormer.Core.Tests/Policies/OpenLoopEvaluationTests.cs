using CrossFormer.Arrays;
using CrossFormer.Policies;

namespace CrossFormer.Core.Tests.Policies;

public class OpenLoopEvaluationTests
{
    private static readonly PolicyTask AnyTask = new("go");

    [Fact]
    public void Run_MeasuresFirstActionsAndBaselines()
    {
        // Recorded: 0, 1, 3. Predicted chunks: [t, 10 + t].
        RecordedStep[] steps = [Step(0, 0), Step(1, 1), Step(2, 3)];
        using var policy = new CountingPolicy();
        var result = OpenLoopEvaluation.Run(policy, AnyTask, steps, new WholeChunk(), [2f], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((0.0 + 0 + 1) / 3, result.MeanAbsoluteError[0], 12);
        Assert.Equal((1.0 + 2) / 2, result.LastActionError[0], 12);
        Assert.Equal((2.0 + 1 + 1) / 3, result.MeanActionError[0], 12);
        // The whole chunk of step 0 is executed before the next: 0, 10, then step 2's own.
        Assert.Equal((0.0 + 9 + 1) / 3, result.ExecutedError[0], 12);
        Assert.Equal((3, 3), (result.Chunks.Count, result.Latencies.Count));
        Assert.Equal(1, policy.Resets);
    }

    [Fact]
    public void Run_OverOneStep_HasNoLastAction()
    {
        using var policy = new CountingPolicy();
        var result = OpenLoopEvaluation.Run(policy, AnyTask, [Step(0, 5)], new WholeChunk(), [0f], cancellation: TestContext.Current.CancellationToken);
        Assert.True(double.IsNaN(result.LastActionError[0]));
        Assert.Equal(5, result.MeanAbsoluteError[0]);
    }

    [Fact]
    public void Run_OnActionsOfAnotherDimension_SaysSo()
    {
        using var policy = new CountingPolicy();
        var step = new RecordedStep(Step(0, 0).Observation, [1, 2]);
        Assert.Contains("recorded actions have 2", Assert.Throws<ArgumentException>(() => OpenLoopEvaluation.Run(policy, AnyTask, [step], new WholeChunk(), [0f, 0f], cancellation: TestContext.Current.CancellationToken)).Message);
    }

    private static RecordedStep Step(int t, float action) =>
        new(new Observation(TimeSpan.FromSeconds(t), new Dictionary<string, NdArray> { ["proprio_t"] = NdArray.From(new float[] { t }, 1) }), [action]);

    private sealed class CountingPolicy : IPolicy
    {
        public EmbodimentProfile Profile => throw new NotSupportedException("The evaluation asks for no profile.");

        public int Resets { get; private set; }

        public void Reset(PolicyTask task) => Resets++;

        public ActionChunk Predict(Observation observation)
        {
            var t = observation.Arrays["proprio_t"].ToSingles()[0];
            return new ActionChunk(new[] { t, 10 + t }, 1, observation.Timestamp, TimeSpan.FromSeconds(1));
        }

        public void Dispose()
        {
        }
    }
}
