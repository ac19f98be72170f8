using System.IO.Compression;
using PureHDF.Filters;

namespace CrossFormer.Data.Conversion.Hdf5;

/// <summary>gzip's filter in place of the library's own, which inflates a few bytes to as many gigabytes as they say.</summary>
internal sealed class BoundedInflate : IH5Filter
{
    // A checksum may stand behind the chunk's values.
    private const int ChecksumBytes = 4;

    public ushort FilterId => DeflateFilter.Id;

    public string Name => "deflate";

    public Memory<byte> Filter(FilterInfo info)
    {
        if (!info.Flags.HasFlag(H5FilterFlags.Decompress))
            return new DeflateFilter().Filter(info);
        using var inflate = new ZLibStream(new MemoryStream(info.Buffer.ToArray()), CompressionMode.Decompress);
        var chunk = new byte[checked(info.ChunkSize + ChecksumBytes)];
        var length = inflate.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false);
        return length < chunk.Length || inflate.ReadByte() < 0
            ? chunk.AsMemory(0, length)
            : throw new InvalidDataException($"a chunk inflates to more than its {info.ChunkSize} bytes");
    }

    public uint[] GetParameters(uint[] chunkDimensions, uint typeSize, Dictionary<string, object>? options) => new DeflateFilter().GetParameters(chunkDimensions, typeSize, options);
}
