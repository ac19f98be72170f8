namespace CrossFormer.Policies;

/// <summary>
/// Executes the first actions of a chunk, then wants another. If that one is late, it goes on with the rest of the old.
/// </summary>
public sealed class RecedingHorizon : IExecutionStrategy
{
    private readonly int _steps;
    private ActionChunk? _chunk;
    private int _next;
    private int _executed;

    /// <summary>Executes <paramref name="steps"/> actions of each chunk.</summary>
    /// <param name="steps">At least 1; more than a chunk has means all of it.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public RecedingHorizon(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        _steps = steps;
    }

    /// <inheritdoc/>
    public int StepsUntilChunk => _chunk is null ? 0 : Math.Clamp(_steps - _executed, 0, _chunk.Horizon - _next);

    /// <inheritdoc/>
    public bool HasAction => _chunk is not null && _next < _chunk.Horizon;

    /// <inheritdoc/>
    public void Accept(ActionChunk chunk, int skip = 0)
    {
        ChunkChecks.Check(chunk, skip, _chunk?.Dimension);
        (_chunk, _next, _executed) = (chunk, skip, 0);
    }

    /// <inheritdoc/>
    public float[] NextAction()
    {
        if (!HasAction)
            throw ChunkChecks.NothingLeft();
        _executed++;
        return _chunk![_next++].ToArray();
    }

    /// <inheritdoc/>
    public void Reset() => _chunk = null;
}
