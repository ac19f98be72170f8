using CrossFormer.Arrays;

namespace CrossFormer.Data.Rlds;

/// <summary>Numbers of a fixed shape.</summary>
public sealed class ArrayColumn : RldsColumn
{
    /// <summary>Wraps values that are to be written.</summary>
    /// <param name="feature">A feature of numbers.</param>
    /// <param name="values">In the feature's dtype: [steps, …shape]; for a feature of the episode its shape, after the length of a sequence.</param>
    /// <exception cref="ArgumentException">The array does not fit the feature.</exception>
    public ArrayColumn(RldsFeature feature, NdArray values) : base(feature)
    {
        var leading = feature.PerStep || feature.SequenceLengths.Count > 0 ? 1 : 0;
        var fits = feature.DType == values.DType && values.Shape.Length == leading + feature.Shape.Count && feature.Kind != RldsFeatureKind.Image;
        for (var d = 0; fits && d < feature.Shape.Count; d++)
            fits = feature.Shape[d] < 0 || feature.Shape[d] == values.Shape[leading + d];
        if (!fits)
            throw new ArgumentException($"'{feature.Key}': expected {feature}{(leading > 0 ? " for each step or entry" : "")}, got {values}.", nameof(values));
        (Values, Count) = (values, leading > 0 ? values.Shape[0] : 1);
    }

    internal ArrayColumn(RldsFeature feature, NdArray values, int count) : base(feature) => (Values, Count) = (values, count);

    /// <summary>All values, in the feature's own dtype: [steps, …shape], or just the shape for a feature of the episode.</summary>
    public NdArray Values { get; }

    /// <inheritdoc/>
    public override int Count { get; }
}
