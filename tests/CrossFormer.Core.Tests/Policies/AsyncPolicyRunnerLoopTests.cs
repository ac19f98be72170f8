using CrossFormer.Policies;

namespace CrossFormer.Core.Tests.Policies;

public class AsyncPolicyRunnerLoopTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_GivesACommandEveryPeriod_UntilItIsCancelled()
    {
        await using var rig = new RunnerRig(horizon: 6);
        using var cancellation = new CancellationTokenSource();
        rig.Runner.Submit(rig.Frame());
        var run = rig.Runner.RunAsync(RunnerRig.Task, cancellation: cancellation.Token);
        await rig.Robot.NextCommand(Token);
        for (var i = 1; i < 20; i++)
        {
            if (rig.Runner.Prediction is { } prediction)
                await prediction;
            rig.Runner.Submit(rig.Frame());
            rig.Time.Advance(rig.Period);
            await rig.Robot.NextCommand(Token);
        }

        await cancellation.CancelAsync();
        var report = await run;
        Assert.Equal(StopReason.Cancelled, report.Reason);
        Assert.Null(report.Fault);
        Assert.Equal([.. Enumerable.Range(0, 20).Select(k => k == 0 ? "hold" : $"act {k} {k}"), "stop"], rig.Robot.Commands);
        Assert.Equal((19, 1), (report.Actions, report.Holds));
    }

    [Fact]
    public async Task RunAsync_EndsWhenSomebodyElseStopsIt()
    {
        await using var rig = new RunnerRig();
        var run = rig.Runner.RunAsync(RunnerRig.Task, cancellation: Token);
        await rig.Robot.NextCommand(Token);
        await rig.Runner.StopAsync();
        Assert.Equal(StopReason.Requested, (await run).Reason);
        Assert.Equal(["hold", "stop"], rig.Robot.Commands);
    }

    [Fact]
    public async Task RunAsync_CancelledBeforeItBegins_OnlyStopsTheRobot()
    {
        await using var rig = new RunnerRig();
        var report = await rig.Runner.RunAsync(RunnerRig.Task, cancellation: new CancellationToken(canceled: true));
        Assert.Equal(StopReason.Cancelled, report.Reason);
        Assert.Equal(["stop"], rig.Robot.Commands);
    }

    [Fact]
    public async Task RunAsync_OfAPolicyThatHangsInReset_CanBeCancelled()
    {
        await using var rig = new RunnerRig(options: new AsyncRunnerOptions { StopBound = TimeSpan.Zero });
        using var hang = new ManualResetEventSlim();
        var resetting = new TaskCompletionSource();
        rig.Policy.OnReset = _ =>
        {
            resetting.SetResult();
            hang.Wait(Token);
        };
        using var cancellation = new CancellationTokenSource();
        var run = rig.Runner.RunAsync(RunnerRig.Task, cancellation: cancellation.Token);
        await resetting.Task;
        await cancellation.CancelAsync();
        var report = await run;
        Assert.Equal((StopReason.Cancelled, true), (report.Reason!.Value, report.PolicyStillBusy));
        Assert.Equal(["stop"], rig.Robot.Commands);
        hang.Set();
        await rig.Runner.PolicyIdle;
    }

    [Fact]
    public async Task EveryCallOfThePolicy_ComesFromOneThread()
    {
        await using var rig = new RunnerRig(horizon: 1);
        var threads = new HashSet<int>();
        rig.Policy.OnReset = _ => threads.Add(Environment.CurrentManagedThreadId);
        var script = rig.Policy.Script;
        rig.Policy.Script = o =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            return script(o);
        };
        await rig.Runner.StartAsync(RunnerRig.Task);
        for (var i = 0; i < 10; i++)
            await rig.Step();
        Assert.Single(threads);
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, threads);
    }

    [Fact]
    public async Task StopFromManyThreads_WhileTicking_StopsTheRobotOnce_AsItsLastCommand()
    {
        for (var round = 0; round < 20; round++)
        {
            await using var rig = new RunnerRig(horizon: 4);
            await rig.Runner.StartAsync(RunnerRig.Task);
            using var together = new Barrier(4);
            var ticking = Task.Run(
                () =>
                {
                    together.SignalAndWait(Token);
                    do
                    {
                        rig.Time.Advance(rig.Period);
                        rig.Runner.Submit(rig.Frame());
                    }
                    while (rig.Runner.Tick());
                },
                Token);
            var stops = Enumerable.Range(0, 3).Select(_ => Task.Run(
                () =>
                {
                    together.SignalAndWait(Token);
                    return rig.Runner.StopAsync();
                },
                Token)).ToArray();
            await ticking;
            // The clock stands now: a stop that still waits for the policy waits for it alone.
            await Task.WhenAll(stops);
            Assert.Equal("stop", rig.Robot.Commands[^1]);
            Assert.Single(rig.Robot.Commands, c => c == "stop");
        }
    }
}
