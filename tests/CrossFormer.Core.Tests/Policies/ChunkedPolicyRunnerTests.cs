using CrossFormer.Arrays;
using CrossFormer.Policies;

namespace CrossFormer.Core.Tests.Policies;

public class ChunkedPolicyRunnerTests
{
    private static readonly PolicyTask Task = new("go");

    [Theory]
    [InlineData(ExecutionStrategyKind.WholeChunk, 1, new[] { 0, 4, 8 })]
    [InlineData(ExecutionStrategyKind.RecedingHorizon, 3, new[] { 0, 3, 6, 9 })]
    [InlineData(ExecutionStrategyKind.TemporalEnsembling, 1, new[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 })]
    public void Run_PredictsWhenTheStrategyWants_AndShowsThePolicyEveryFrame(ExecutionStrategyKind strategy, int steps, int[] predicted)
    {
        using var policy = new ScriptedPolicy(ScriptedPolicy.Robot(execution: new ExecutionOptions(strategy, steps)), horizon: 4);
        var runner = new ChunkedPolicyRunner(policy);
        var actions = runner.Run(Task, Frames(policy, 10)).ToList();
        Assert.Equal(Enumerable.Range(0, 10).Select(k => (float)k), actions.Select(a => a[0]));
        Assert.Equal(predicted, policy.Predicted.Select(t => (int)(t / policy.Profile.Period)));
        Assert.Equal(Enumerable.Range(0, 10), policy.Seen.Select(t => (int)(t / policy.Profile.Period)));
        Assert.Equal(policy.Predicted[^1], runner.LastChunk!.ObservedAt);
    }

    [Fact]
    public void Reset_BeginsAnew()
    {
        using var policy = new ScriptedPolicy(ScriptedPolicy.Robot(), horizon: 4);
        var tasks = new List<PolicyTask>();
        policy.OnReset = tasks.Add;
        var runner = new ChunkedPolicyRunner(policy);
        var frames = Frames(policy, 3).ToList();
        runner.Reset(Task);
        runner.Step(frames[0]);
        runner.Reset(Task);
        Assert.Null(runner.LastChunk);
        runner.Step(frames[2]);
        Assert.Equal(2, policy.Predicted.Count);
        Assert.Equal([Task, Task], tasks);
    }

    [Fact]
    public void Step_PassesTheProfilesLimits()
    {
        using var policy = new ScriptedPolicy(ScriptedPolicy.Robot(actions: new ActionDimension("j", "rad", Maximum: 2)), horizon: 4);
        Assert.Equal([0f, 1, 2, 2, 2], new ChunkedPolicyRunner(policy).Run(Task, Frames(policy, 5)).Select(a => a[0]));
    }

    [Fact]
    public void Step_RefusesNaN_WhereverInTheChunkItStands()
    {
        using var policy = new ScriptedPolicy(ScriptedPolicy.Robot(), horizon: 4);
        policy.Script = o => new ActionChunk(new float[] { 1, 2, 3, float.NaN }, 2, o.Timestamp, policy.Profile.Period);
        var runner = new ChunkedPolicyRunner(policy, new RecedingHorizon(1));
        runner.Reset(Task);
        var error = Assert.Throws<NonFiniteActionException>(() => runner.Step(Frames(policy, 1).First()));
        Assert.Equal((1, 1), (error.Step, error.Dimension));
    }

    private static IEnumerable<Observation> Frames(ScriptedPolicy policy, int count) => Enumerable.Range(0, count).Select(k =>
        new Observation(k * policy.Profile.Period, new Dictionary<string, NdArray> { ["proprio"] = NdArray.From([1f], 1) }));
}
