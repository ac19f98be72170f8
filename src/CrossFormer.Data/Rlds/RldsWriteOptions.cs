namespace CrossFormer.Data.Rlds;

/// <summary>How a dataset is laid out on the disk, and what may be continued or replaced.</summary>
public sealed record RldsWriteOptions
{
    /// <summary>A shard that has so many bytes gets no further record; positive. 256 MiB by default, the size that TFDS aims at.</summary>
    public long ShardBytes { get; init; } = 256L << 20;

    /// <summary>After so many bytes what was written is flushed to the disk and survives a crash; positive. 64 MiB by default.</summary>
    public long CheckpointBytes { get; init; } = 64L << 20;

    /// <summary>Whether a finished dataset of the same name and version may be replaced. The old one stays until the new one is whole.</summary>
    public bool Overwrite { get; init; }

    /// <summary>
    /// What is being written, from what and how. An unfinished dataset is continued only when this and its features are the
    /// same; otherwise half of it would come from somewhere else.
    /// </summary>
    public string Source { get; init; } = "";
}
