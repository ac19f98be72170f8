using CrossFormer.Policies;

namespace CrossFormer.Core.Tests.Policies;

public class AsyncPolicyRunnerFaultTests
{
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public async Task ANonFiniteAction_StopsTheRobot_BeforeAnythingOfTheChunkIsExecuted(float value)
    {
        await using var rig = new RunnerRig();
        rig.Policy.Script = o => new ActionChunk(new float[] { 1, 2, 3, 4, 5, value }, 2, o.Timestamp, rig.Period);
        await rig.Runner.StartAsync(RunnerRig.Task);
        Assert.True(await rig.Step());
        Assert.False(await rig.Step());
        Assert.Equal(["hold", "stop"], rig.Robot.Commands);
        Assert.Equal(StopReason.NonFiniteAction, rig.Runner.Report.Reason);
        var fault = Assert.IsType<NonFiniteActionException>(rig.Runner.Report.Fault);
        Assert.Equal((2, 1, "u", value), (fault.Step, fault.Dimension, fault.Name, fault.Value));
        Assert.Contains($"{value} for 'u' (dimension 1, step 2", fault.Message);
    }

    [Fact]
    public async Task APolicyThatThrows_StopsTheRobotOnce()
    {
        await using var rig = new RunnerRig(horizon: 3);
        await rig.Runner.StartAsync(RunnerRig.Task);
        await rig.Step();
        rig.Policy.Script = _ => throw new InvalidDataException("no such camera");
        while (await rig.Step())
        {
        }

        Assert.False(await rig.Step());
        Assert.Equal(["hold", "act 1 1", "act 2 2", "stop"], rig.Robot.Commands);
        Assert.Equal(StopReason.PolicyFailed, rig.Runner.Report.Reason);
        Assert.Equal("no such camera", Assert.IsType<InvalidDataException>(rig.Runner.Report.Fault).Message);
    }

    [Fact]
    public async Task APolicyThatRefusesTheTask_NeverMovesTheRobot()
    {
        await using var rig = new RunnerRig();
        rig.Policy.OnReset = task => throw new ArgumentException($"cannot do {task}");
        var report = await rig.Runner.RunAsync(RunnerRig.Task, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(["stop"], rig.Robot.Commands);
        Assert.Equal(StopReason.PolicyFailed, report.Reason);
        Assert.Equal("cannot do \"go\"", report.Fault!.Message);
        Assert.False(rig.Runner.Tick());
    }

    [Fact]
    public async Task AChunkThatDoesNotFitTheProfile_EndsTheRun()
    {
        await using var rig = new RunnerRig();
        rig.Policy.Script = o => new ActionChunk(new float[3], 3, o.Timestamp, rig.Period);
        await rig.Runner.StartAsync(RunnerRig.Task);
        await rig.Step();
        await rig.Step();
        Assert.Equal(StopReason.PolicyFailed, rig.Runner.Report.Reason);
        Assert.Contains("expected 2 dimensions, as the embodiment profile has, got 3", rig.Runner.Report.Fault!.Message);
    }

    [Fact]
    public async Task AChunkOfAnotherRate_EndsTheRun()
    {
        await using var rig = new RunnerRig();
        rig.Policy.Script = o => new ActionChunk(new float[2], 2, o.Timestamp, rig.Period / 2);
        await rig.Runner.StartAsync(RunnerRig.Task);
        await rig.Step();
        await rig.Step();
        Assert.Contains("expected a period of 100 ms, as the embodiment profile has, got 50 ms", rig.Runner.Report.Fault!.Message);
    }

    [Fact]
    public async Task APredictionThatHangs_EndsTheRun_AfterTheTimeAllowed()
    {
        await using var rig = new RunnerRig(options: new AsyncRunnerOptions { MaxPredictionTime = TimeSpan.FromSeconds(0.5) });
        rig.Policy.Slow = true;
        await rig.Runner.StartAsync(RunnerRig.Task);
        for (var i = 0; i < 8; i++)
        {
            rig.Runner.Submit(rig.Frame());
            rig.Runner.Tick();
            if (i == 0)
                await rig.Policy.Begun(TestContext.Current.CancellationToken);
            rig.Time.Advance(rig.Period);
        }

        Assert.Equal(["hold", "hold", "hold", "hold", "hold", "hold", "stop"], rig.Robot.Commands);
        Assert.Equal(StopReason.PolicyTimedOut, rig.Runner.Report.Reason);
        Assert.IsType<TimeoutException>(rig.Runner.Report.Fault);
        Assert.True(rig.Runner.Report.PolicyStillBusy);
    }

    [Fact]
    public async Task Stop_OfAHangingPolicy_StopsTheRobotAtOnce_AndReturnsWithinItsBound()
    {
        await using var rig = new RunnerRig(options: new AsyncRunnerOptions { StopBound = TimeSpan.FromSeconds(2) });
        rig.Policy.Slow = true;
        await rig.Runner.StartAsync(RunnerRig.Task);
        rig.Runner.Submit(rig.Frame());
        rig.Runner.Tick();
        await rig.Policy.Begun(TestContext.Current.CancellationToken);
        var stopping = rig.Runner.StopAsync();
        Assert.Equal(["hold", "stop"], rig.Robot.Commands);
        rig.Time.Advance(TimeSpan.FromSeconds(1.999));
        Assert.False(stopping.IsCompleted);
        rig.Time.Advance(TimeSpan.FromSeconds(0.001));
        var report = await stopping;
        Assert.Equal((StopReason.Requested, true), (report.Reason!.Value, report.PolicyStillBusy));

        rig.Policy.Release();
        await rig.Runner.PolicyIdle;
        Assert.False(rig.Runner.Report.PolicyStillBusy);
        Assert.Equal(["hold", "stop"], rig.Robot.Commands);
    }

    [Fact]
    public async Task Stop_WaitsForAPredictionUnderWay()
    {
        await using var rig = new RunnerRig();
        rig.Policy.Slow = true;
        await rig.Runner.StartAsync(RunnerRig.Task);
        rig.Runner.Submit(rig.Frame());
        rig.Runner.Tick();
        await rig.Policy.Begun(TestContext.Current.CancellationToken);
        var stopping = rig.Runner.StopAsync();
        Assert.False(stopping.IsCompleted);
        rig.Policy.Release();
        Assert.False((await stopping).PolicyStillBusy);
    }

    [Fact]
    public async Task Stop_MayBeAskedForAgain_AndTheFirstReasonStays()
    {
        await using var rig = new RunnerRig();
        rig.Robot.ActFault = new IOException("bus");
        await rig.Runner.StartAsync(RunnerRig.Task);
        await rig.Step();
        await rig.Step();
        await rig.Runner.StopAsync();
        var report = await rig.Runner.StopAsync();
        Assert.Equal(["hold", "act 1 1", "stop"], rig.Robot.Commands);
        Assert.Equal((StopReason.RobotFailed, "bus", 0L), (report.Reason!.Value, report.Fault!.Message, report.Actions));
    }

    [Fact]
    public async Task ARobotThatCannotStop_IsReported_NotHidden()
    {
        await using var rig = new RunnerRig();
        rig.Robot.StopFault = new IOException("no answer");
        await rig.Runner.StartAsync(RunnerRig.Task);
        var report = await rig.Runner.StopAsync();
        Assert.Equal((StopReason.RobotFailed, "no answer"), (report.Reason!.Value, report.Fault!.Message));
    }

    [Fact]
    public async Task ARunner_RunsOnce_AndTicksOnlyWhenStarted()
    {
        await using var rig = new RunnerRig();
        Assert.Throws<InvalidOperationException>(() => rig.Runner.Tick());
        Assert.True(await rig.Runner.StartAsync(RunnerRig.Task));
        await Assert.ThrowsAsync<InvalidOperationException>(() => rig.Runner.StartAsync(RunnerRig.Task));
    }

    [Fact]
    public void Options_OutOfRange_AreRefusedByName()
    {
        using var policy = new ScriptedPolicy(ScriptedPolicy.Robot(), 1);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new AsyncPolicyRunner(policy, new RecordingRobot(), new AsyncRunnerOptions { MaxObservationAge = TimeSpan.Zero }));
        Assert.Contains("MaxObservationAge to be positive", error.Message);
    }
}
