namespace CrossFormer.Arrays;

/// <summary>A <see cref="StoredArray"/> over an array that is already in memory.</summary>
public sealed class MemoryArray : StoredArray
{
    private readonly NdArray _array;

    /// <summary>Wraps <paramref name="array"/> without copying.</summary>
    public MemoryArray(NdArray array) : base(array.DType, array.Shape) => _array = array;

    /// <inheritdoc/>
    public override void ReadInto(Span<byte> destination)
    {
        CheckLength(destination.Length);
        _array.Bytes.Span.CopyTo(destination);
    }

    /// <inheritdoc/>
    public override void WriteTo(Stream stream) => stream.Write(_array.Bytes.Span);
}
