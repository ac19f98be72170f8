using CrossFormer.Data.TfRecords;

namespace CrossFormer.Data.Rlds;

/// <summary>The features of a dataset, and under which names its records keep their parts.</summary>
internal sealed class RldsSchema
{
    public RldsSchema(IReadOnlyList<RldsFeature> features)
    {
        Features = features;
        var layouts = features.Select(Layout).ToArray();
        Names = new ExampleNames(layouts.SelectMany(l => l.Keys));
        Leaves = Array.ConvertAll(layouts, l => new Leaf(
            l.Feature,
            l.Unreadable,
            l.Unreadable is null ? Names.IndexOf(l.Value) : -1,
            Array.ConvertAll(l.RowLengths, Names.IndexOf),
            l.Shape is null ? -1 : Names.IndexOf(l.Shape),
            l.RowLengths.Length > 0));
        Steps = Leaves.Where(l => l.Feature.PerStep).ToDictionary(l => l.Feature.Name);
        Metadata = Leaves.Where(l => !l.Feature.PerStep).ToDictionary(l => l.Feature.Name);
    }

    public IReadOnlyList<RldsFeature> Features { get; }

    public ExampleNames Names { get; }

    public Leaf[] Leaves { get; }

    public IReadOnlyDictionary<string, Leaf> Steps { get; }

    public IReadOnlyDictionary<string, Leaf> Metadata { get; }

    /// <summary>A feature with the numbers of its parts' names in <see cref="Names"/>; −1 where it has no such part.</summary>
    /// <param name="Feature">The feature.</param>
    /// <param name="Unreadable">Why it cannot be read; null if it can.</param>
    /// <param name="Values">The list of values.</param>
    /// <param name="RowLengths">The lists of row lengths, outermost first.</param>
    /// <param name="Shapes">The list of shapes.</param>
    /// <param name="IsRagged">Whether there are row lengths.</param>
    public sealed record Leaf(RldsFeature Feature, string? Unreadable, int Values, int[] RowLengths, int Shapes, bool IsRagged)
    {
        /// <summary>List entries that make one value: an image, text or encoded tensor is one entry, numbers are as many as the shape holds.</summary>
        public int EntriesPerValue { get; } =
            Feature.IsBytes && Feature.DType is not null || Feature.UnknownDimensions > 0 || Unreadable is not null ? 1 : Arrays.NdArray.ElementCount([.. Feature.Shape]);
    }

    // How TFDS flattens a leaf into an Example, source: tensorflow_datasets/core/example_serializer and features/*.
    private static (RldsFeature Feature, string? Unreadable, string Value, string[] RowLengths, string? Shape, string[] Keys) Layout(RldsFeature feature)
    {
        var (key, depth, unknown) = (feature.Key, feature.SequenceLengths.Count, feature.UnknownDimensions);
        var encoded = feature.Encoding != TensorEncoding.None;
        // Outside the steps the outermost sequence needs no row lengths: its length is the list's.
        var raggedLevels = feature.PerStep || depth == 0 ? depth : depth - 1;
        var unreadable =
            feature.Kind == RldsFeatureKind.Unsupported ? $"its class {feature.ClassName} (or its dtype or shape) is not supported" :
            feature.Kind != RldsFeatureKind.Tensor || unknown == 0 ? null :
            !encoded && (feature.PerStep || depth > 0 || unknown > 1) ? "its shape varies and nothing stores it (TFDS cannot read it either)" :
            encoded && unknown > 1 && depth > 0 ? "tensors of varying rank sizes inside a sequence are not supported" : null;
        if (unreadable is not null)
            return (feature, unreadable, "", [], null, []);
        if (raggedLevels > 0)
        {
            string[] lengths = [.. Enumerable.Range(0, raggedLevels).Select(i => $"{key}/ragged_row_lengths_{i}")];
            return (feature, null, $"{key}/ragged_flat_values", lengths, null, [$"{key}/ragged_flat_values", .. lengths]);
        }

        return encoded && unknown > 1
            ? (feature, null, $"{key}/value", [], $"{key}/shape", [$"{key}/value", $"{key}/shape"])
            : (feature, null, key, [], null, [key]);
    }
}
