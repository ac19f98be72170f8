using CrossFormer.Policies;

namespace CrossFormer.Core.Tests.Policies;

public class AsyncPolicyRunnerWatchdogTests
{
    private static readonly AsyncRunnerOptions Stop = new() { MaxObservationAge = TimeSpan.FromSeconds(0.3), StaleFallback = StaleFallback.Stop };

    private static readonly AsyncRunnerOptions Hold = new() { MaxObservationAge = TimeSpan.FromSeconds(0.3), StaleFallback = StaleFallback.Hold };

    [Fact]
    public async Task StaleFrames_StopTheRun_ThoughActionsAreLeft()
    {
        await using var rig = new RunnerRig(horizon: 50, options: Stop);
        await rig.Runner.StartAsync(RunnerRig.Task);
        await rig.Step();
        for (var i = 0; i < 5; i++)
            await rig.Step(frame: false);
        Assert.Equal(["hold", "act 1 1", "act 2 2", "act 3 3", "stop"], rig.Robot.Commands);
        Assert.Equal(StopReason.StaleObservation, rig.Runner.Report.Reason);
        Assert.Equal("No newer observation has come for 400 ms; expected one at least every 300 ms.", rig.Runner.Report.Fault!.Message);
    }

    [Fact]
    public async Task StaleFrames_HoldTheRobot_UntilANewPredictionFromFreshOnes()
    {
        await using var rig = new RunnerRig(horizon: 50, options: Hold);
        await rig.Runner.StartAsync(RunnerRig.Task);
        for (var k = 0; k < 12; k++)
            await rig.Step(frame: k is 0 or >= 7);
        Assert.Equal(
            ["hold", "act 1 1", "act 2 2", "act 3 3", "hold", "hold", "hold", "hold", "act 8 8", "act 9 9", "act 10 10", "act 11 11"],
            rig.Robot.Commands);
        Assert.Null(rig.Runner.Report.Reason);
    }

    [Fact]
    public async Task APredictionFromBeforeTheOutage_IsNotExecutedAfterIt()
    {
        await using var rig = new RunnerRig(horizon: 50, options: Hold);
        rig.Policy.Slow = true;
        await rig.Runner.StartAsync(RunnerRig.Task);
        for (var k = 0; k < 6; k++)
        {
            if (k == 0)
                rig.Runner.Submit(rig.Frame());
            rig.Runner.Tick();
            rig.Time.Advance(rig.Period);
        }

        rig.Policy.Slow = false;
        rig.Policy.Release();
        await rig.Runner.Prediction!;
        var outageEnds = rig.Time.Now;
        await rig.Step();
        await rig.Step();
        Assert.Equal(["hold", "hold", "hold", "hold", "hold", "hold", "hold", "act 7 7"], rig.Robot.Commands);
        Assert.Equal(outageEnds, rig.Policy.Predicted[1]);
        Assert.Equal(1, rig.Runner.Report.ExpiredChunks);
    }

    [Fact]
    public async Task FramesThatNeverCome_EndTheRunToo()
    {
        await using var rig = new RunnerRig(options: Stop);
        await rig.Runner.StartAsync(RunnerRig.Task);
        while (await rig.Step(frame: false))
        {
        }

        Assert.Equal(["hold", "hold", "hold", "hold", "stop"], rig.Robot.Commands);
        Assert.StartsWith("No observation has come for 400 ms", rig.Runner.Report.Fault!.Message);
    }

    [Fact]
    public async Task FramesThatComeWithOldStamps_AreStale()
    {
        await using var rig = new RunnerRig(horizon: 50, options: Stop);
        await rig.Runner.StartAsync(RunnerRig.Task);
        await rig.Step();
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        rig.Runner.Submit(rig.Frame(rig.Time.Now - TimeSpan.FromSeconds(0.31)));
        Assert.False(rig.Runner.Tick());
        Assert.Equal(StopReason.StaleObservation, rig.Runner.Report.Reason);
    }

    [Fact]
    public async Task Actions_PassTheLimits_FromWhereTheRobotIs()
    {
        var profile = ScriptedPolicy.Robot(
            actions: [new ActionDimension("joint", "rad", ActionKind.Absolute, Minimum: -1, Maximum: 1.5f, MaxVelocity: 5), new ActionDimension("free", "rad")]);
        await using var rig = new RunnerRig(profile, horizon: 20);
        await rig.Runner.StartAsync(RunnerRig.Task, new float[] { 0.25f, 0 });
        for (var i = 0; i < 6; i++)
            await rig.Step();
        // 5 rad/s are 0.5 rad in a period.
        Assert.Equal(["act 0.75 1", "act 1.25 2", "act 1.5 3", "act 1.5 4", "act 1.5 5"], rig.Robot.Acts);
        Assert.Equal(5, rig.Runner.Report.LimitedActions);
    }
}
