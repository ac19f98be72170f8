using CrossFormer.Policies;
using CsCheck;

namespace CrossFormer.Core.Tests.Policies;

public class AsyncPolicyRunnerTimingTests
{
    public static TheoryData<ExecutionStrategyKind, int> Cases
    {
        get
        {
            var cases = new TheoryData<ExecutionStrategyKind, int>();
            foreach (var strategy in Enum.GetValues<ExecutionStrategyKind>())
            {
                for (var latency = 1; latency <= 4; latency++)
                    cases.Add(strategy, latency);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task EveryAction_IsExecutedAtTheTimeItIsMeantFor_HoweverSlowThePolicy(ExecutionStrategyKind strategy, int latency)
    {
        await using var rig = new RunnerRig(ScriptedPolicy.Robot(execution: new ExecutionOptions(strategy, Steps: 3)), horizon: 12);
        await rig.Runner.StartAsync(RunnerRig.Task);
        await rig.Steps(40, latency);

        // The robot waits for the first chunk and never again.
        var expected = Enumerable.Range(0, 40).Select(k => k < latency ? "hold" : $"act {k} {k}");
        Assert.Equal(expected, rig.Robot.Commands);
        Assert.Equal(TimeSpan.FromSeconds(0.1 * latency), rig.Runner.Report.PredictionLatency.P50);
        Assert.True(rig.Runner.Report.Chunks > 2);
    }

    [Fact]
    public async Task WholeChunk_BeginsTheNextPredictionJustInTime()
    {
        await using var rig = new RunnerRig(horizon: 12);
        await rig.Runner.StartAsync(RunnerRig.Task);
        await rig.Steps(40, latency: 2);

        // Predicted at 0, executed from 2 to 11; the next must be there for 12, and takes 2 and a margin of a half.
        Assert.Equal([0, 9, 18, 27, 36], rig.Policy.Predicted.Select(t => (int)Math.Round((t - rig.Policy.Predicted[0]) / rig.Period)));
        Assert.Equal(TimeSpan.FromSeconds(0.3), rig.Runner.Report.ReactionLatency.Max);
    }

    [Fact]
    public async Task AChunkWhoseTimeHasPassed_IsNotExecuted()
    {
        await using var rig = new RunnerRig(horizon: 3, options: new AsyncRunnerOptions { MaxActionLateness = TimeSpan.Zero });
        await rig.Runner.StartAsync(RunnerRig.Task);
        await rig.Steps(13, latency: 4);
        Assert.All(rig.Robot.Commands, c => Assert.Equal("hold", c));
        Assert.Equal((3, 3, 9), (rig.Runner.Report.Chunks, rig.Runner.Report.ExpiredChunks, rig.Runner.Report.SkippedActions));
    }

    [Fact]
    public async Task AChunkOfOneAction_IsExecutedLate_AsFarAsAllowed()
    {
        await using var rig = new RunnerRig(horizon: 1);
        await rig.Runner.StartAsync(RunnerRig.Task);
        await rig.Steps(4, latency: 1);
        Assert.Equal(["hold", "act 0 0", "act 1 1", "act 2 2"], rig.Robot.Commands);
    }

    [Fact]
    public async Task PeriodsThatTheLoopMissed_TakeTheirActionsWithThem()
    {
        await using var rig = new RunnerRig(horizon: 12);
        await rig.Runner.StartAsync(RunnerRig.Task);
        await rig.Step();
        await rig.Step();
        rig.Time.Advance(3 * rig.Period);
        await rig.Step();
        Assert.Equal(["hold", "act 1 1", "act 5 5"], rig.Robot.Commands);
        Assert.Equal(4, rig.Runner.Report.SkippedActions); // step 0 of the chunk, and 2 to 4
    }

    [Fact]
    public async Task AnEarlyWakeUp_GivesNoSecondCommand()
    {
        await using var rig = new RunnerRig(horizon: 12);
        await rig.Runner.StartAsync(RunnerRig.Task);
        await rig.Step();
        rig.Time.Advance(-0.3 * rig.Period);
        Assert.True(rig.Runner.Tick());
        rig.Time.Advance(0.1 * rig.Period);
        Assert.True(rig.Runner.Tick());
        Assert.Equal(["hold", "act 1 1"], rig.Robot.Commands);
    }

    [Fact]
    public async Task TheHistory_HoldsOneFramePerControlStep_AndNoMoreThanAWindow()
    {
        await using var rig = new RunnerRig(ScriptedPolicy.Robot(window: 3), horizon: 8);
        await rig.Runner.StartAsync(RunnerRig.Task);
        var start = rig.Time.Now;
        for (var i = 0; i < 9; i++)
        {
            rig.Runner.Submit(rig.Frame(rig.Time.Now - rig.Period / 4)); // superseded before the control step
            await rig.Step();
        }

        var seen = rig.Policy.Seen.Select(t => (t - start) / rig.Period).ToArray();
        // Predictions at 0 and, of steps 1 to 7, at 7: the window before it are 5, 6 and 7.
        Assert.Equal([0, 5, 6, 7], seen);
    }

    [Fact]
    public async Task DroppedFrames_CostNothing_WhileTheChunkLasts()
    {
        await using var rig = new RunnerRig(horizon: 8);
        await rig.Runner.StartAsync(RunnerRig.Task);
        for (var i = 0; i < 30; i++)
            await rig.Step(frame: i % 3 == 0);
        Assert.Equal(Enumerable.Range(1, 29).Select(k => $"act {k} {k}"), rig.Robot.Commands.Skip(1));
    }

    [Fact]
    public async Task AFrameThatComesAfterANewerOne_IsIgnored()
    {
        await using var rig = new RunnerRig();
        Assert.True(rig.Runner.Submit(rig.Frame()));
        Assert.False(rig.Runner.Submit(rig.Frame(rig.Time.Now - rig.Period)));
        Assert.False(rig.Runner.Submit(rig.Frame()));
        Assert.Equal(2, rig.Runner.Report.LateObservations);
    }

    [Fact]
    public async Task AFrameFromAnotherClock_IsRefused()
    {
        await using var rig = new RunnerRig();
        Assert.True(rig.Runner.Submit(rig.Frame(rig.Time.Now + rig.Period)));
        var error = Assert.Throws<ArgumentException>(() => rig.Runner.Submit(rig.Frame(rig.Time.Now + 2 * rig.Period)));
        Assert.Contains("200.0 ms ahead", error.Message);
    }

    [Fact]
    public Task Actions_StayOnTime_WithJitteringStampsAndDroppedFrames() =>
        Gen.Select(Gen.Enum<ExecutionStrategyKind>(), Gen.Double[-0.3, 0.3].Array[30], Gen.Bool.Array[30]).SampleAsync(async (strategy, jitter, dropped) =>
        {
            var profile = ScriptedPolicy.Robot(execution: new ExecutionOptions(strategy, Steps: 2));
            await using var rig = new RunnerRig(profile, horizon: 10, new AsyncRunnerOptions { MaxObservationAge = TimeSpan.FromSeconds(10) });
            await rig.Runner.StartAsync(RunnerRig.Task);
            var start = rig.Time.Now;
            rig.Policy.Script = o => new ActionChunk(
                Enumerable.Range(0, 10).SelectMany(i => Enumerable.Repeat((float)((o.Timestamp - start) / rig.Period) + i, 2)).ToArray(), 2, o.Timestamp, rig.Period);
            for (var k = 0; k < 30; k++)
            {
                if (!dropped[k] || k % 4 == 0)
                    rig.Runner.Submit(rig.Frame(rig.Time.Now + jitter[k] * rig.Period));
                await rig.Step(frame: false);
                if (rig.Robot.Commands[k] is var command && command != "hold")
                    Assert.Equal(k, float.Parse(command.Split(' ')[1]), 0.31f); // the nearest step, so within the jitter
            }

            // Of every four frames one comes, and a chunk lasts ten: there is always something to execute.
            Assert.Equal(29, rig.Robot.Acts.Count());
        }, iter: 40);
}
