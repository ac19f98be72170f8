namespace CrossFormer.Data.Rlds;

/// <summary>
/// The values of one feature: over all steps of an episode, or of the episode itself. One of <see cref="ArrayColumn"/>,
/// <see cref="BytesColumn"/>, <see cref="ImageColumn"/>, <see cref="VaryingColumn"/>, <see cref="RaggedColumn"/>.
/// </summary>
public abstract class RldsColumn
{
    private protected RldsColumn(RldsFeature feature) => Feature = feature;

    /// <summary>What features.json says about it.</summary>
    public RldsFeature Feature { get; }

    /// <summary>How many values there are; for steps, one per step.</summary>
    public abstract int Count { get; }
}
