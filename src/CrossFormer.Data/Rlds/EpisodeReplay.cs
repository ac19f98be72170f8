using System.Runtime.CompilerServices;
using CrossFormer.Policies;

namespace CrossFormer.Data.Rlds;

/// <summary>Plays a recorded episode back at the rate at which it was recorded: what <see cref="EpisodeRecorder"/> took down, step by step.</summary>
public static class EpisodeReplay
{
    /// <summary>
    /// The steps, each at its time; none is left out. After a delay of more than a step the rest is that much later: steps do not
    /// follow each other in a burst, which no robot should get.
    /// </summary>
    /// <param name="steps">See <see cref="RecordedEpisode.Steps"/>; their timestamps do not fall.</param>
    /// <param name="speed">2 plays twice as fast; positive.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="cancellation">Ends the replay.</param>
    public static async IAsyncEnumerable<RecordedStep> PlayAsync(
        IReadOnlyList<RecordedStep> steps, double speed = 1, TimeProvider? time = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        if (!(speed > 0))
            throw new ArgumentOutOfRangeException(nameof(speed), speed, "Expected a positive number.");
        time ??= TimeProvider.System;
        var (begin, slip, before) = (time.GetTimestamp(), TimeSpan.Zero, TimeSpan.Zero);
        foreach (var step in steps)
        {
            // Against the beginning, so that a clock's small delays do not add up.
            var at = (step.Observation.Timestamp - steps[0].Observation.Timestamp) / speed;
            var wait = at + slip - time.GetElapsedTime(begin);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time, cancellation).ConfigureAwait(false);
            else if (-wait > at - before)
                slip -= wait;
            before = at;
            cancellation.ThrowIfCancellationRequested();
            yield return step;
        }
    }

    /// <summary>Has a robot do what it did: each recorded action at its time, then <see cref="IRobot.Stop"/>, whatever ended it.</summary>
    /// <param name="steps">See <see cref="RecordedEpisode.Steps"/>.</param>
    /// <param name="robot">Gets the recorded actions.</param>
    /// <param name="limits">The robot's own; each action passes them first.</param>
    /// <param name="speed">2 plays twice as fast; positive.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="cancellation">Ends the replay.</param>
    /// <exception cref="NonFiniteActionException">A recorded action is not finite.</exception>
    public static async Task ActAsync(
        IReadOnlyList<RecordedStep> steps, IRobot robot, ActionLimits limits, double speed = 1, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        try
        {
            await foreach (var step in PlayAsync(steps, speed, time, cancellation).ConfigureAwait(false))
            {
                var action = step.Action.ToArray();
                limits.Apply(action);
                robot.Act(action);
            }
        }
        finally
        {
            robot.Stop();
        }
    }
}
