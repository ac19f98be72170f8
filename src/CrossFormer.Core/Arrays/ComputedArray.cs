namespace CrossFormer.Arrays;

/// <summary>
/// A <see cref="StoredArray"/> whose elements a callback produces when they are asked for: a tensor on a device, a converted
/// array, formula weights. So a writer can stream a whole model through one small buffer.
/// </summary>
public sealed class ComputedArray : StoredArray
{
    private readonly Action<Span<byte>> _fill;

    /// <summary>Describes an array that <paramref name="fill"/> produces.</summary>
    /// <param name="dtype">Element type.</param>
    /// <param name="shape">Dimensions, outermost first; empty for a scalar.</param>
    /// <param name="fill">Fills a span of exactly <see cref="StoredArray.ByteCount"/> bytes with little-endian elements in C order; may be called more than once.</param>
    public ComputedArray(DType dtype, int[] shape, Action<Span<byte>> fill) : base(dtype, shape) => _fill = fill;

    /// <inheritdoc/>
    public override void ReadInto(Span<byte> destination)
    {
        CheckLength(destination.Length);
        _fill(destination);
    }
}
