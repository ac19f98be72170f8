using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>
/// Reads Zarr arrays, format 2 and, as far as orbax writes it (regular grid, sharding), format 3. Sources: the Zarr v2 and v3
/// specifications. Compressors: none, zstd, gzip, zlib; blosc is refused (orbax never writes it).
/// </summary>
public static class Zarr
{
    private const int MaxMetadataBytes = 1 << 20;

    /// <summary>An array beyond this must have chunks to show for it, or a lying shape would cost its reader memory.</summary>
    private const long MaxUnbackedBytes = 64L << 20;

    /// <summary>Opens the array of that name: its metadata now, its chunks when they are asked for.</summary>
    /// <param name="store">Where <c>NAME/.zarray</c> or <c>NAME/zarr.json</c> and the chunks are.</param>
    /// <param name="name">The array's folder, for example <c>heads_nav.mean_proj.bias</c>.</param>
    /// <exception cref="CorruptFileException">There is no such array, or its metadata is malformed or of a kind that is not supported.</exception>
    public static StoredArray Open(KeyValueStore store, string name)
    {
        ZarrMetadata metadata;
        if (store.TryGet($"{name}/.zarray", out var v2))
            metadata = JsonMetadata.Parse(v2.ReadAll(MaxMetadataBytes), v2, root => ZarrV2.Parse(root, v2));
        else if (store.TryGet($"{name}/zarr.json", out var v3))
            metadata = JsonMetadata.Parse(v3.ReadAll(MaxMetadataBytes), v3, root => ZarrV3.Parse(root, v3));
        else
            throw new CorruptFileException(store.Name, 0, $"expected {name}/.zarray or {name}/zarr.json, found neither");

        var array = new ZarrArray(store, name, metadata);
        if (array.ByteCount > MaxUnbackedBytes && array.StoredByteCount() is var stored && array.ByteCount / ChunkCodec.MaxRatio > stored)
            throw new CorruptFileException($"{store.Name}/{name}", 0, $"claims {array.ByteCount} bytes of {array}, but its chunks hold only {stored}");
        return array;
    }
}
