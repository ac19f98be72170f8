using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>An array whose elements lie in consecutive parts: what Flax makes of a leaf above 1 GiB.</summary>
internal sealed class ConcatenatedArray(DType dtype, int[] shape, IReadOnlyList<StoredArray> parts) : StoredArray(dtype, shape)
{
    public override void ReadInto(Span<byte> destination)
    {
        CheckLength(destination.Length);
        foreach (var part in parts)
        {
            part.ReadInto(destination[..(int)part.ByteCount]);
            destination = destination[(int)part.ByteCount..];
        }
    }

    public override void WriteTo(Stream stream)
    {
        foreach (var part in parts)
            part.WriteTo(stream);
    }
}
