using CrossFormer.Arrays;
using CrossFormer.Policies;
using CrossFormer.Simulation.Episodes;

namespace CrossFormer.Simulation.Tests.Episodes;

public sealed class DelayedPolicyRunnerTests
{
    private static readonly EmbodimentProfile Profile = new()
    {
        Name = "counter",
        Head = "counter",
        Statistics = "counter",
        Proprioception = [new ProprioceptionInput("proprio", 1, Statistics.Normalization.None)],
        Actions = [new ActionDimension("x", "m")],
        ControlRate = 10,
        Execution = new ExecutionOptions(ExecutionStrategyKind.RecedingHorizon, Steps: 2),
    };

    [Fact]
    public void WithoutLatency_ItDoesWhatTheSynchronousRunnerDoes()
    {
        using var policy = new CountingPolicy(Profile);
        var synchronous = new ChunkedPolicyRunner(policy);
        synchronous.Reset(new PolicyTask("count"));

        Assert.Equal(Enumerable.Range(0, 9).Select(t => synchronous.Step(At(t))[0]), Actions(Latency.None, 9));
    }

    // Asked at 0, the chunk is there at 1, where its second step is due; the third is executed past the point where another was asked for.
    [Fact]
    public void WithLatency_ChunksComeLateAndBeginWhereTheyAreDue() =>
        Assert.Equal([-1, 1, 2, 21, 22, 41, 42], Actions(new Latency(Profile.Period), 7));

    // Three steps on, all three actions are past, the last by a step.
    [Fact]
    public void LatencyOfTheWholeChunk_HoldsAndTakesTheLastAction() =>
        Assert.Equal([-1, -1, -1, 2, -1, -1, 32, -1], Actions(new Latency(3 * Profile.Period), 8));

    // As on a real robot, which does not do what was meant for long ago.
    [Fact]
    public void LatencyBeyondTheChunk_Holds() =>
        Assert.Equal([-1, -1, -1, -1, -1, -1, -1, -1, -1, -1], Actions(new Latency(4 * Profile.Period), 10));

    // As fast as the robot's steps, and a step late: every step has an action that was asked for at the step before.
    [Fact]
    public void PolicyThatKeepsUp_IsAskedAtEveryStep() =>
        Assert.Equal([-1, 1, 11, 21, 31], Actions(new Latency(Profile.Period), 5, Profile with { Execution = new ExecutionOptions(ExecutionStrategyKind.RecedingHorizon, Steps: 1) }));

    private static float[] Actions(Latency latency, int steps, EmbodimentProfile? profile = null)
    {
        using var policy = new CountingPolicy(profile ?? Profile);
        var runner = new DelayedPolicyRunner(policy, latency, () => [-1]);
        runner.Reset(new PolicyTask("count"));
        return [.. Enumerable.Range(0, steps).Select(t => runner.Step(At(t))[0])];
    }

    private static Observation At(int step) =>
        new(step * Profile.Period, new Dictionary<string, NdArray> { ["proprio"] = NdArray.From([0f], 1) });
}
