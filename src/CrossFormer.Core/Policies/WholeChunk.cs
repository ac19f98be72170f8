namespace CrossFormer.Policies;

/// <summary>Executes every action of a chunk before the next one is wanted.</summary>
public sealed class WholeChunk : IExecutionStrategy
{
    private readonly RecedingHorizon _all = new(int.MaxValue);

    /// <inheritdoc/>
    public int StepsUntilChunk => _all.StepsUntilChunk;

    /// <inheritdoc/>
    public bool HasAction => _all.HasAction;

    /// <inheritdoc/>
    public void Accept(ActionChunk chunk, int skip = 0) => _all.Accept(chunk, skip);

    /// <inheritdoc/>
    public float[] NextAction() => _all.NextAction();

    /// <inheritdoc/>
    public void Reset() => _all.Reset();
}
