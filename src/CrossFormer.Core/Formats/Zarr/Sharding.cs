namespace CrossFormer.Formats;

/// <summary>Zarr 3's <c>sharding_indexed</c>: a stored chunk holds inner chunks and an index of where each lies.</summary>
/// <param name="InnerShape">Dimensions of an inner chunk; each divides the shard's.</param>
/// <param name="IndexHasChecksum">A CRC32C follows the index.</param>
/// <param name="IndexAtStart">The index comes first rather than last.</param>
internal sealed record Sharding(int[] InnerShape, bool IndexHasChecksum, bool IndexAtStart);
