using System.Buffers;

namespace CrossFormer.Arrays;

/// <summary>
/// An array that lies in a file: its element type and shape are known, its elements are read on demand, straight into
/// the caller's memory. So a 519 MB checkpoint is opened without loading it, and loaded without a second copy.
/// </summary>
public abstract class StoredArray
{
    /// <summary>Describes an array of <paramref name="dtype"/> and <paramref name="shape"/>.</summary>
    protected StoredArray(DType dtype, int[] shape) => (DType, Shape) = (dtype, shape);

    /// <summary>Element type.</summary>
    public DType DType { get; }

    /// <summary>Dimensions, outermost first; empty for a scalar.</summary>
    public int[] Shape { get; }

    /// <summary>Size of the elements in bytes.</summary>
    public long ByteCount
    {
        get
        {
            long n = DType.Size();
            foreach (var d in Shape)
                n = checked(n * d);
            return n;
        }
    }

    /// <summary>Reads all elements, in C order.</summary>
    /// <param name="destination">Exactly <see cref="ByteCount"/> bytes.</param>
    public abstract void ReadInto(Span<byte> destination);

    /// <summary>Reads all elements into a new array.</summary>
    public NdArray Read()
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)ByteCount));
        ReadInto(bytes);
        return new NdArray(DType, Shape, bytes);
    }

    /// <summary>Writes all elements to <paramref name="stream"/>, in C order. Costs at most one buffer of <see cref="ByteCount"/> bytes.</summary>
    public virtual void WriteTo(Stream stream)
    {
        var length = checked((int)ByteCount);
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            ReadInto(buffer.AsSpan(0, length));
            stream.Write(buffer, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Refuses a destination of another size than the elements need.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    protected void CheckLength(int destinationLength)
    {
        if (destinationLength != ByteCount)
            throw new ArgumentException($"{this} has {ByteCount} bytes, the destination {destinationLength}.");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{DType.NumpyName()}[{string.Join(',', Shape)}]";
}
