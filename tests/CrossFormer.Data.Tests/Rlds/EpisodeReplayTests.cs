using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Policies;

namespace CrossFormer.Data.Tests.Rlds;

public class EpisodeReplayTests
{
    private static readonly double[] Seconds = [10, 10.1, 10.3, 10.35];

    private static readonly RecordedStep[] Steps = [.. Seconds.Select((s, i) => new RecordedStep(
        new Observation(TimeSpan.FromSeconds(s), new Dictionary<string, NdArray>()), [i]))];

    [Theory]
    [InlineData(1)]
    [InlineData(0.5)]
    [InlineData(4)]
    public async Task Steps_ComeAtTheirTimes(double speed)
    {
        var time = new JumpingTime();
        var at = new List<double>();
        await foreach (var step in EpisodeReplay.PlayAsync(Steps, speed, time, TestContext.Current.CancellationToken))
            at.Add(time.Seconds);
        // Timers count whole milliseconds.
        Assert.Equal(Steps.Length, at.Count);
        Assert.All(Seconds.Zip(at), s => Assert.Equal((s.First - 10) / speed, s.Second, 0.0011));
    }

    [Fact]
    public async Task AfterALongDelay_NoBurstFollows()
    {
        var time = new JumpingTime();
        var at = new List<double>();
        await foreach (var step in EpisodeReplay.PlayAsync(Steps, 1, time, TestContext.Current.CancellationToken))
        {
            at.Add(Math.Round(time.Seconds, 4));
            if (at.Count == 1)
                time.Seconds += 5;
        }

        Assert.Equal([0, 5, 5.2, 5.25], at);
    }

    [Fact]
    public async Task ARobot_DoesWhatItDidWithinItsLimitsAndStops()
    {
        var robot = new Robot();
        await EpisodeReplay.ActAsync(Steps, robot, new ActionLimits([new ActionDimension("x", "m") { Maximum = 2 }], TimeSpan.FromSeconds(0.1)), time: new JumpingTime(), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(["0", "1", "2", "2", "stop"], robot.Log);

        RecordedStep[] broken = [Steps[0], Steps[1] with { Action = [float.NaN] }, Steps[2]];
        var other = new Robot();
        await Assert.ThrowsAsync<NonFiniteActionException>(() => EpisodeReplay.ActAsync(
            broken, other, new ActionLimits([new ActionDimension("x", "m")], TimeSpan.FromSeconds(0.1)), time: new JumpingTime(), cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(["0", "stop"], other.Log);
    }

    private sealed class Robot : IRobot
    {
        public List<string> Log { get; } = [];

        public void Act(ReadOnlySpan<float> action) => Log.Add($"{action[0]}");

        public void Hold() => Log.Add("hold");

        public void Stop() => Log.Add("stop");
    }

    /// <summary>A clock on which waiting takes no time: it jumps to when the timer is due.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => (long)Math.Round(Seconds * TimestampFrequency);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.Zero)
                Seconds += dueTime.TotalSeconds;
            return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
