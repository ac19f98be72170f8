using CrossFormer.Arrays;

namespace CrossFormer.Data.Rlds;

/// <summary>Numbers of a fixed shape.</summary>
public sealed class ArrayColumn : RldsColumn
{
    internal ArrayColumn(RldsFeature feature, NdArray values, int count) : base(feature) => (Values, Count) = (values, count);

    /// <summary>All values, in the feature's own dtype: [steps, …shape], or just the shape for a feature of the episode.</summary>
    public NdArray Values { get; }

    /// <inheritdoc/>
    public override int Count { get; }
}
