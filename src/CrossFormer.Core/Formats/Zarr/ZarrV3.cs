using System.Text.Json;
using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>Zarr format 3's <c>zarr.json</c>, as far as orbax writes it.</summary>
internal static class ZarrV3
{
    public static ZarrMetadata Parse(JsonElement root, ByteSource file)
    {
        if (root.Required("zarr_format").GetInt32() is var format && format != 3)
            throw file.Corrupt(0, $"expected zarr_format 3, found {format}");
        Expect(file, "node_type", root.Text("node_type"), "array");
        var name = root.Text("data_type");
        if (!DTypes.TryParse(name, out var dtype))
            throw file.Corrupt(0, $"unknown element type '{name}'");
        var (shape, _) = ArrayShape.Check(root.Integers("shape"), dtype, file.Name, 0);
        var grid = root.Required("chunk_grid");
        Expect(file, "chunk_grid", grid.Text("name"), "regular");
        var chunkShape = ZarrV2.CheckChunks(grid.Required("configuration").Integers("chunk_shape"), shape, dtype, file);
        var fill = FillValue.Parse(root.Optional("fill_value"), dtype);
        var (keys, codecs) = (ParseKeys(root.Required("chunk_key_encoding"), file), root.Required("codecs"));
        if (codecs.GetArrayLength() != 1 || codecs[0].Text("name") != "sharding_indexed")
            return new ZarrMetadata(dtype, shape, chunkShape, fill, false, keys, ParseCodecs(codecs, dtype, file));

        var shard = codecs[0].Required("configuration");
        var inner = ZarrV2.CheckChunks(shard.Integers("chunk_shape"), shape, dtype, file);
        for (var i = 0; i < inner.Length; i++)
        {
            if (chunkShape[i] % inner[i] != 0)
                throw file.Corrupt(0, $"expected shards [{string.Join(',', chunkShape)}] of whole chunks, found chunks [{string.Join(',', inner)}]");
        }

        var index = ParseCodecs(shard.Required("index_codecs"), DType.UInt64, file);
        if (index.Compressor != ChunkCompressor.None)
            throw file.Corrupt(0, $"a compressed shard index ({index.Compressor}) is not supported");
        var location = shard.Optional("index_location")?.GetString() ?? "end";
        if (location is not ("start" or "end"))
            throw file.Corrupt(0, $"expected index_location 'start' or 'end', found '{location}'");
        return new ZarrMetadata(
            dtype, shape, chunkShape, fill, false, keys, ParseCodecs(shard.Required("codecs"), dtype, file), new Sharding(inner, index.HasChecksum, location == "start"));
    }

    private static ChunkKeys ParseKeys(JsonElement encoding, ByteSource file)
    {
        var (name, separator) = (encoding.Text("name"), encoding.Optional("configuration")?.Optional("separator")?.GetString());
        if (name is not ("default" or "v2") || separator is not (null or "." or "/"))
            throw file.Corrupt(0, $"expected chunk_key_encoding 'default' or 'v2' with separator '/' or '.', found '{name}' with '{separator}'");
        return new ChunkKeys(separator?[0] ?? (name == "v2" ? '.' : '/'), HasPrefix: name == "default");
    }

    // bytes, then perhaps one compressor, then perhaps crc32c: the order in which they were applied.
    private static ChunkCodec ParseCodecs(JsonElement codecs, DType dtype, ByteSource file)
    {
        var names = codecs.EnumerateArray().Select(c => c.Text("name")).ToList();
        if (names is not ["bytes", ..])
            throw file.Corrupt(0, $"expected codecs that begin with 'bytes', found {string.Join(", ", names)}");
        var endian = codecs[0].Optional("configuration")?.Optional("endian")?.GetString();
        if (endian != "little" && !(endian is null && dtype.Size() == 1))
            throw file.Corrupt(0, $"expected little-endian elements, found '{endian}'");
        var hasChecksum = names[^1] == "crc32c";
        var rest = names[1..(hasChecksum ? ^1 : ^0)];
        return rest switch
        {
            [] => new ChunkCodec(ChunkCompressor.None, hasChecksum),
            ["zstd"] => new ChunkCodec(ChunkCompressor.Zstd, hasChecksum),
            ["gzip"] => new ChunkCodec(ChunkCompressor.Gzip, hasChecksum),
            _ => throw file.Corrupt(0, $"unsupported codecs {string.Join(", ", names)}; supported are bytes, then zstd or gzip, then crc32c"),
        };
    }

    private static void Expect(ByteSource file, string property, string found, string expected)
    {
        if (found != expected)
            throw file.Corrupt(0, $"expected {property} '{expected}', found '{found}'");
    }
}
