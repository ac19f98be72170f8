using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>What both Zarr formats say of an array.</summary>
/// <param name="DType">Element type.</param>
/// <param name="Shape">The array's dimensions.</param>
/// <param name="ChunkShape">Dimensions of one stored chunk (of a shard, when sharded); at least 1 each.</param>
/// <param name="FillElement">Bytes of the element that stands where a chunk is missing.</param>
/// <param name="IsColumnMajor">Elements inside a chunk are in Fortran order.</param>
/// <param name="Keys">How chunks are named.</param>
/// <param name="Codec">How a chunk (an inner one, when sharded) is compressed.</param>
/// <param name="Sharding">How a stored chunk is divided, if it is.</param>
internal sealed record ZarrMetadata(
    DType DType, int[] Shape, int[] ChunkShape, byte[] FillElement, bool IsColumnMajor, ChunkKeys Keys, ChunkCodec Codec, Sharding? Sharding = null);
