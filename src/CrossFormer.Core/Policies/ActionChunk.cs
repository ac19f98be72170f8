namespace CrossFormer.Policies;

/// <summary>
/// The actions that a policy proposes from one observation on, in robot units: float32 [horizon, dim]. Step i is meant
/// for the time from <c>ObservedAt + i·Period</c> until one period later; step 0 belongs to the observation itself.
/// </summary>
/// <remarks>Immutable and safe to share between threads; the memory given to the constructor must not be written to afterwards.</remarks>
public sealed class ActionChunk
{
    private readonly ReadOnlyMemory<float> _actions;

    /// <summary>Wraps <paramref name="actions"/> without copying.</summary>
    /// <param name="actions">[horizon, dim] in C order, robot units. NaN and infinities are allowed here; runners stop at them.</param>
    /// <param name="dimension">Dimensions of one action, at least 1.</param>
    /// <param name="observedAt">Timestamp of the observation that the chunk was predicted from.</param>
    /// <param name="period">Time from one action to the next, positive.</param>
    /// <exception cref="ArgumentException">The length is no positive multiple of the dimension, or the period is not positive.</exception>
    public ActionChunk(ReadOnlyMemory<float> actions, int dimension, TimeSpan observedAt, TimeSpan period)
    {
        if (dimension < 1 || actions.Length == 0 || actions.Length % dimension != 0)
            throw new ArgumentException($"Action chunk: expected [horizon,{dimension}] with both at least 1, got {actions.Length} values.", nameof(actions));
        if (period <= TimeSpan.Zero)
            throw new ArgumentException($"Action chunk: expected a positive period, got {period}.", nameof(period));
        (_actions, Dimension, Horizon, ObservedAt, Period) = (actions, dimension, actions.Length / dimension, observedAt, period);
    }

    /// <summary>Number of actions, at least 1.</summary>
    public int Horizon { get; }

    /// <summary>Dimensions of one action, at least 1.</summary>
    public int Dimension { get; }

    /// <summary>Timestamp of the observation that the chunk was predicted from; the time that step 0 is meant for.</summary>
    public TimeSpan ObservedAt { get; }

    /// <summary>Time from one action to the next.</summary>
    public TimeSpan Period { get; }

    /// <summary>All actions, [horizon, dim] in C order.</summary>
    public ReadOnlyMemory<float> Actions => _actions;

    /// <summary>The action of one step, float32 [dim].</summary>
    /// <param name="step">0 to <see cref="Horizon"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The chunk has no such step.</exception>
    public ReadOnlySpan<float> this[int step] =>
        (uint)step < (uint)Horizon
            ? _actions.Span.Slice(step * Dimension, Dimension)
            : throw new ArgumentOutOfRangeException(nameof(step), step, $"Expected a step from 0 to {Horizon - 1}.");

    /// <summary>The time that a step begins at.</summary>
    public TimeSpan TimeOf(int step) => ObservedAt + step * Period;

    /// <summary>The step nearest to <paramref name="time"/>: negative before the chunk, <see cref="Horizon"/> or more after it.</summary>
    /// <remarks>
    /// Nearest, not the one that contains the time: a control loop that wakes a little before the boundary of two steps
    /// must not repeat the earlier one.
    /// </remarks>
    public int StepAt(TimeSpan time) => (int)Math.Clamp(Math.Floor((time - ObservedAt) / Period + 0.5), int.MinValue, int.MaxValue);

    /// <inheritdoc/>
    public override string ToString() => $"float32[{Horizon},{Dimension}] from {ObservedAt} every {Period.TotalMilliseconds} ms";
}
