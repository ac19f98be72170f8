using System.Text.Json;
using CrossFormer.Arrays;

namespace CrossFormer.Formats;

/// <summary>Zarr format 2's <c>.zarray</c>.</summary>
internal static class ZarrV2
{
    public static ZarrMetadata Parse(JsonElement root, ByteSource file)
    {
        if (root.Required("zarr_format").GetInt32() is var format && format != 2)
            throw file.Corrupt(0, $"expected zarr_format 2, found {format}");
        var code = root.Text("dtype");
        if (!DTypes.TryParse(code, out var dtype))
            throw file.Corrupt(0, $"unknown element type '{code}'");
        if (root.Optional("filters") is { } filters && filters.GetArrayLength() > 0)
            throw file.Corrupt(0, $"filters are not supported: {filters.GetRawText()}");
        var (shape, _) = ArrayShape.Check(root.Integers("shape"), dtype, file.Name, 0);
        var isColumnMajor = (root.Optional("order")?.GetString() ?? "C") switch
        {
            "C" => false,
            "F" => true,
            var order => throw file.Corrupt(0, $"expected order 'C' or 'F', found '{order}'"),
        };
        var separator = (root.Optional("dimension_separator")?.GetString() ?? ".") switch
        {
            "." => '.',
            "/" => '/',
            var other => throw file.Corrupt(0, $"expected dimension_separator '.' or '/', found '{other}'"),
        };
        return new ZarrMetadata(
            dtype, shape, CheckChunks(root.Integers("chunks"), shape, dtype, file), FillValue.Parse(root.Optional("fill_value"), dtype),
            isColumnMajor, new ChunkKeys(separator, HasPrefix: false), new ChunkCodec(ParseCompressor(root, file)));
    }

    /// <summary>Checks a chunk's dimensions against the array's.</summary>
    public static int[] CheckChunks(long[] chunks, int[] shape, DType dtype, ByteSource file)
    {
        if (chunks.Length != shape.Length || chunks.Any(c => c < 1))
            throw file.Corrupt(0, $"expected {shape.Length} chunk dimensions of at least 1, found [{string.Join(',', chunks)}]");
        return ArrayShape.Check(chunks, dtype, file.Name, 0).Shape;
    }

    private static ChunkCompressor ParseCompressor(JsonElement root, ByteSource file) => root.Optional("compressor")?.Text("id") switch
    {
        null => ChunkCompressor.None,
        "zstd" => ChunkCompressor.Zstd,
        "gzip" => ChunkCompressor.Gzip,
        "zlib" => ChunkCompressor.Zlib,
        var id => throw file.Corrupt(0, $"unsupported compressor '{id}'; supported are zstd, gzip, zlib and none: save the checkpoint with one of them"),
    };
}
