using System.Diagnostics;
using CrossFormer.Policies;

namespace CrossFormer.Simulation.Episodes;

/// <summary>
/// The control loop of a robot that does not wait, as <see cref="AsyncPolicyRunner"/> runs it: a chunk takes effect as many control steps
/// after its observation as the policy thinks, and by then its first steps are past; when all are, by more than a step, it is of no use. So
/// the next one is asked for as long before it is wanted as the last one took (a real robot's runner, whose clock is not exact, half a step
/// earlier); meanwhile the robot goes on with the chunk that it has, or holds still if nothing is left of it. With
/// <see cref="Latency.None"/> it does what <see cref="ChunkedPolicyRunner"/> does.
/// </summary>
/// <param name="policy">The policy; disposed by the caller.</param>
/// <param name="latency">How long it thinks.</param>
/// <param name="hold">The action of a robot that holds still.</param>
internal sealed class DelayedPolicyRunner(IPolicy policy, Latency latency, Func<float[]> hold)
{
    private readonly IExecutionStrategy _strategy = policy.Profile.Execution.CreateStrategy();
    private readonly ActionLimits _limits = new(policy.Profile.Actions, policy.Profile.Period);
    private ActionChunk? _thinking;
    private int _delay, _waited; // in control steps

    /// <summary>The chunk that took effect last; null before the first.</summary>
    public ActionChunk? LastChunk { get; private set; }

    public void Reset(PolicyTask task)
    {
        policy.Reset(task);
        _limits.Reset();
        _strategy.Reset();
        (_thinking, LastChunk, _delay) = (null, null, 0);
    }

    /// <summary>One control step; see <see cref="ChunkedPolicyRunner.Step"/>.</summary>
    public float[] Step(Observation observation)
    {
        _waited++;
        AcceptIfDue();
        if (_thinking is null && _strategy.StepsUntilChunk <= _delay)
        {
            var begun = Stopwatch.GetTimestamp();
            var chunk = policy.Predict(observation);
            _limits.Check(chunk);
            var time = latency.Fixed ?? Stopwatch.GetElapsedTime(begun);
            (_thinking, _delay, _waited) = (chunk, (int)Math.Ceiling(time / policy.Profile.Period), 0);
            AcceptIfDue();
        }
        else
        {
            policy.Observe(observation);
        }

        var action = _strategy.HasAction ? _strategy.NextAction() : hold();
        _limits.Apply(action);
        return action;
    }

    private void AcceptIfDue()
    {
        if (_thinking is not { } ready || _waited < _delay || _strategy.StepsUntilChunk > 0)
            return;
        _thinking = null;
        if (_waited > ready.Horizon)
            return;
        _strategy.Accept(ready, Math.Min(_waited, ready.Horizon - 1));
        LastChunk = ready;
    }
}
