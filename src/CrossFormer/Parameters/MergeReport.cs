namespace CrossFormer.Parameters;

/// <summary>What became of each parameter when a checkpoint was merged into a model, by Flax path.</summary>
/// <param name="Loaded">Taken from the checkpoint.</param>
/// <param name="Reshaped">In both, but of another shape: kept as initialised. Each with both shapes.</param>
/// <param name="Missing">In the model only: kept as initialised.</param>
/// <param name="Skipped">In the checkpoint only: not used.</param>
public sealed record MergeReport(
    IReadOnlyList<string> Loaded, IReadOnlyList<string> Reshaped, IReadOnlyList<string> Missing, IReadOnlyList<string> Skipped)
{
    /// <summary>Whether model and checkpoint have exactly the same parameters.</summary>
    public bool IsComplete => Reshaped.Count == 0 && Missing.Count == 0 && Skipped.Count == 0;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Loaded.Count} parameters loaded, {Reshaped.Count} of another shape, {Missing.Count} missing in the checkpoint, {Skipped.Count} not used";
}
