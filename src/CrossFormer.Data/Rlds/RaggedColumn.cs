namespace CrossFormer.Data.Rlds;

/// <summary>Sequences whose length differs from step to step (or from row to row), as flat values and row lengths.</summary>
public sealed class RaggedColumn : RldsColumn
{
    internal RaggedColumn(RldsFeature feature, RldsColumn values, int[][] rowLengths) : base(feature) => (Values, RowLengths) = (values, rowLengths);

    /// <summary>The innermost values of all rows, one after another.</summary>
    public RldsColumn Values { get; }

    /// <summary>
    /// Row lengths, outermost first. <c>RowLengths[0]</c> has one entry per step; where sequences are nested,
    /// <c>RowLengths[1]</c> has one entry per row of the outer sequence, and so on.
    /// </summary>
    public IReadOnlyList<int[]> RowLengths { get; }

    /// <inheritdoc/>
    public override int Count => RowLengths[0].Length;
}
