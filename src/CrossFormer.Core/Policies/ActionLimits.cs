namespace CrossFormer.Policies;

/// <summary>
/// The last gate before a robot: refuses NaN and infinities, decides between two positions, clamps each dimension to its range, then
/// to the speed it may have against the action sent before.
/// </summary>
/// <remarks>Not safe for concurrent calls: it remembers the action sent before.</remarks>
public sealed class ActionLimits
{
    private readonly IReadOnlyList<ActionDimension> _dimensions;
    private readonly float[] _maxStep; // largest change, or value of a delta, in one period
    private readonly float[] _previous;
    private readonly bool?[] _isHigh; // what was decided between two positions; null: nothing yet
    private bool _hasPrevious;

    /// <summary>The limits of a robot.</summary>
    /// <param name="dimensions">The action's dimensions with their limits.</param>
    /// <param name="period">Control period, positive; a velocity limit allows velocity × period per action.</param>
    /// <exception cref="ArgumentException">There are no dimensions, a hysteresis does not fit its range, or the period is not positive.</exception>
    public ActionLimits(IReadOnlyList<ActionDimension> dimensions, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        if (dimensions.Count == 0)
            throw new ArgumentException("Expected at least one action dimension, got none.", nameof(dimensions));
        if (period <= TimeSpan.Zero)
            throw new ArgumentException($"Expected a positive control period, got {period}.", nameof(period));
        if (dimensions.FirstOrDefault(d => d.Hysteresis?.Fits(d.Minimum, d.Maximum) == false) is { } wrong)
            throw new ArgumentException($"'{wrong.Name}': expected a hysteresis within the range, {wrong.Minimum} to {wrong.Maximum}, got {wrong.Hysteresis}.", nameof(dimensions));
        _dimensions = dimensions;
        _maxStep = [.. dimensions.Select(d => d.MaxVelocity is { } v ? (float)(v * period.TotalSeconds) : float.PositiveInfinity)];
        _previous = new float[dimensions.Count];
        _isHigh = new bool?[dimensions.Count];
    }

    /// <summary>Forgets the action sent before.</summary>
    /// <param name="current">
    /// Where the robot is, in the action's units, so that the first absolute action is limited in speed too; empty when
    /// unknown, then the first one is limited in range only. Delta dimensions ignore it.
    /// </param>
    /// <exception cref="ArgumentException">Neither empty nor one value per dimension, or not finite.</exception>
    public void Reset(ReadOnlySpan<float> current = default)
    {
        _hasPrevious = !current.IsEmpty;
        Array.Clear(_isHigh);
        if (!_hasPrevious)
            return;
        CheckLength(current.Length, nameof(current));
        for (var d = 0; d < current.Length; d++)
        {
            if (!float.IsFinite(current[d]))
                throw new ArgumentException($"Expected the robot's position to be finite, got {current[d]} for '{_dimensions[d].Name}'.", nameof(current));
        }

        current.CopyTo(_previous);
        for (var d = 0; d < current.Length; d++)
        {
            if (_dimensions[d].Hysteresis is { } hysteresis)
                _isHigh[d] = IsNearHigh(current[d], hysteresis);
        }
    }

    /// <summary>Clamps an action in place and remembers it as the one sent.</summary>
    /// <param name="action">float32 [dim] in robot units.</param>
    /// <returns>The number of dimensions that a range or a speed has changed; a decision between two positions does not count.</returns>
    /// <exception cref="NonFiniteActionException">A value is NaN or infinite; nothing is remembered.</exception>
    /// <exception cref="ArgumentException">Not one value per dimension.</exception>
    public int Apply(Span<float> action)
    {
        CheckLength(action.Length, nameof(action));
        RefuseNonFinite(action, step: 0);
        var changed = 0;
        for (var d = 0; d < action.Length; d++)
        {
            var (limit, step) = (_dimensions[d], _maxStep[d]);
            var wanted = limit.Hysteresis is { } hysteresis ? Decide(d, action[d], hysteresis) : action[d];
            var value = MathF.Min(MathF.Max(wanted, limit.Minimum ?? float.NegativeInfinity), limit.Maximum ?? float.PositiveInfinity);
            if (limit.Kind == ActionKind.Delta)
                value = Math.Clamp(value, -step, step);
            else if (_hasPrevious)
                value = Math.Clamp(value, _previous[d] - step, _previous[d] + step);
            action[d] = value;
            changed += value == wanted ? 0 : 1;
        }

        action.CopyTo(_previous);
        _hasPrevious = true;
        return changed;
    }

    /// <summary>Looks for NaN and infinities in a whole chunk.</summary>
    /// <exception cref="NonFiniteActionException">There is one.</exception>
    /// <exception cref="ArgumentException">The chunk has another number of dimensions.</exception>
    public void Check(ActionChunk chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        CheckLength(chunk.Dimension, nameof(chunk));
        for (var step = 0; step < chunk.Horizon; step++)
            RefuseNonFinite(chunk[step], step);
    }

    private float Decide(int d, float value, Hysteresis hysteresis)
    {
        var isHigh = value >= hysteresis.High || (value > hysteresis.Low && (_isHigh[d] ?? IsNearHigh(value, hysteresis)));
        _isHigh[d] = isHigh;
        return (isHigh ? _dimensions[d].Maximum : _dimensions[d].Minimum)!.Value;
    }

    private static bool IsNearHigh(float value, Hysteresis hysteresis) => value - hysteresis.Low > hysteresis.High - value;

    private void RefuseNonFinite(ReadOnlySpan<float> action, int step)
    {
        for (var d = 0; d < action.Length; d++)
        {
            if (!float.IsFinite(action[d]))
                throw new NonFiniteActionException(step, d, _dimensions[d].Name, action[d]);
        }
    }

    private void CheckLength(int length, string parameter)
    {
        if (length != _dimensions.Count)
            throw new ArgumentException($"Action: expected {_dimensions.Count} dimensions, as the embodiment profile has, got {length}.", parameter);
    }
}
