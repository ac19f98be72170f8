namespace CrossFormer.Data.Rlds;

/// <summary>What to do about damaged records.</summary>
public sealed record RldsReadOptions
{
    /// <summary>
    /// False (default): the first damaged record ends the reading with its <see cref="Formats.CorruptFileException"/>. True: it is
    /// passed over and reported to <see cref="OnSkipped"/>. Where nothing tells where the next record begins, or a shard is
    /// absent or has too few records, all missing records of that shard are reported at once; records beyond the promised
    /// number are ignored and reported as 0. A damaged image is not noticed here, but by whoever decodes it.
    /// </summary>
    public bool SkipBad { get; init; }

    /// <summary>
    /// Called with what was skipped: how many records at once, and why. A batch loader calls it from its own threads, and with 0
    /// for an image that counts as absent. Ignored unless <see cref="SkipBad"/>.
    /// </summary>
    public Action<int, IOException>? OnSkipped { get; init; }
}
