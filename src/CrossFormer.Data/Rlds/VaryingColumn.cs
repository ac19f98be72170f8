using CrossFormer.Arrays;

namespace CrossFormer.Data.Rlds;

/// <summary>Encoded tensors whose shape differs from value to value.</summary>
public sealed class VaryingColumn : RldsColumn
{
    internal VaryingColumn(RldsFeature feature, NdArray[] values) : base(feature) => Values = values;

    /// <summary>One array per value, each of its own shape.</summary>
    public IReadOnlyList<NdArray> Values { get; }

    /// <inheritdoc/>
    public override int Count => Values.Count;
}
