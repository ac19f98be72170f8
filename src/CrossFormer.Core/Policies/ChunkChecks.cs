namespace CrossFormer.Policies;

/// <summary>What every execution strategy demands of a chunk.</summary>
internal static class ChunkChecks
{
    public static void Check(ActionChunk chunk, int skip, int? dimension)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        if (skip < 0 || skip >= chunk.Horizon)
            throw new ArgumentException($"Expected to skip 0 to {chunk.Horizon - 1} steps of the chunk, got {skip}.", nameof(skip));
        if (dimension is { } expected && expected != chunk.Dimension)
            throw new ArgumentException($"Action chunk: expected {expected} dimensions, as the earlier chunks of the episode have, got {chunk.Dimension}.", nameof(chunk));
    }

    public static InvalidOperationException NothingLeft() => new("No action is left to execute: accept a chunk first.");
}
