namespace CrossFormer.Data.Mixtures;

/// <summary>
/// Where a loader stands: what it takes to go on with exactly the batches of an uninterrupted run, whatever the number of
/// workers. A few numbers per dataset; serialises with <see cref="System.Text.Json.JsonSerializer"/>.
/// </summary>
public sealed record LoaderState
{
    /// <summary>The seed that all draws go back to.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Which of the machines that share the data.</summary>
    public required int Rank { get; init; }

    /// <summary>How many machines share the data.</summary>
    public required int WorldSize { get; init; }

    /// <summary>Bytes that episodes are mixed over: another number is another order.</summary>
    public required long MemoryBudget { get; init; }

    /// <summary>Samples given out so far.</summary>
    public required long Samples { get; init; }

    /// <summary>Each dataset's position, by name.</summary>
    public required IReadOnlyDictionary<string, StreamPosition> Streams { get; init; }
}
