using System.Buffers;
using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>An uncompressed array at a position of a file: read in one call, straight into the caller's memory.</summary>
internal sealed class SourceArray : StoredArray
{
    private const int CopyBytes = 1 << 20;
    private readonly ByteSource _source;
    private readonly long _offset;

    /// <summary>The caller has checked that the shape's bytes lie inside the source.</summary>
    public SourceArray(DType dtype, int[] shape, ByteSource source, long offset) : base(dtype, shape) => (_source, _offset) = (source, offset);

    public override void ReadInto(Span<byte> destination)
    {
        CheckLength(destination.Length);
        _source.Read(_offset, destination);
    }

    public override void WriteTo(Stream stream)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(CopyBytes, ByteCount));
        try
        {
            for (long done = 0; done < ByteCount;)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, ByteCount - done));
                _source.Read(_offset + done, part);
                stream.Write(part);
                done += part.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
