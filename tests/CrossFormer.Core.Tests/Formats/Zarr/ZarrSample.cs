using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Formats;
using ZstdSharp;

namespace CrossFormer.Core.Tests.Formats;

/// <summary>Writes one array as Zarr, element by element from the specification, for the reader to be held against.</summary>
internal sealed record ZarrSample(int[] Shape, int[] Chunks, string? Compressor, int Format, char Separator = '.', string Order = "C", int[]? Inner = null, bool Checksum = false, bool IndexAtStart = false)
{
    public override string ToString() =>
        $"[{string.Join(',', Shape)}] in [{string.Join(',', Chunks)}] {Compressor} v{Format} '{Separator}' {Order} inner [{string.Join(',', Inner ?? [])}] {Checksum} {IndexAtStart}";

    public float[] Values => Formula.Symmetric("zarr", 1, Shape).AsSpan<float>().ToArray();

    /// <summary>Writes metadata and every chunk but those that <paramref name="isMissing"/> names; padding at the edges is 99.</summary>
    public void Write(string folder, Func<int[], bool>? isMissing = null)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, Format == 2 ? ".zarray" : "zarr.json"), Metadata().ToJsonString());
        foreach (var index in Indices(Shape.Zip(Chunks, (s, c) => (s + c - 1) / c).ToArray()))
        {
            if (isMissing?.Invoke(index) == true)
                continue;
            var origin = index.Zip(Chunks, (i, c) => i * c).ToArray();
            var key = Format == 2
                ? Shape.Length == 0 ? "0" : string.Join(Separator, index)
                : string.Join(Separator, ["c", .. index.Select(i => i.ToString())]);
            var path = Path.Combine(folder, key);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, Inner is null ? Encode(Elements(origin, Chunks)) : Shard(origin, Inner));
        }
    }

    public JsonObject Metadata()
    {
        var (shape, chunks, inner) = (string.Join(',', Shape), string.Join(',', Chunks), string.Join(',', Inner ?? []));
        if (Format == 2)
        {
            var compressor = Compressor is null ? "null" : $$"""{"id":"{{Compressor}}","level":1}""";
            return JsonNode.Parse($$"""
                {"zarr_format":2,"shape":[{{shape}}],"chunks":[{{chunks}}],"dtype":"<f4","fill_value":2.5,"order":"{{Order}}","filters":null,
                "compressor":{{compressor}},"dimension_separator":"{{Separator}}"}
                """)!.AsObject();
        }

        const string LittleEndian = """{"name":"bytes","configuration":{"endian":"little"}}""";
        string[] codecs =
        [
            LittleEndian,
            .. Compressor is null ? [] : new[] { $$"""{"name":"{{Compressor}}","configuration":{"level":1} }""" },
            .. Checksum ? new[] { """{"name":"crc32c"}""" } : [],
        ];
        var pipeline = string.Join(',', codecs);
        if (Inner is not null)
        {
            pipeline = $$"""
                {"name":"sharding_indexed","configuration":{"chunk_shape":[{{inner}}],"codecs":[{{pipeline}}],
                "index_codecs":[{{LittleEndian}},{"name":"crc32c"}],"index_location":"{{(IndexAtStart ? "start" : "end")}}"} }
                """;
        }

        return JsonNode.Parse($$"""
            {"zarr_format":3,"node_type":"array","shape":[{{shape}}],"data_type":"float32","fill_value":2.5,
            "chunk_grid":{"name":"regular","configuration":{"chunk_shape":[{{chunks}}]} },
            "chunk_key_encoding":{"name":"default","configuration":{"separator":"{{Separator}}"} },"codecs":[{{pipeline}}] }
            """)!.AsObject();
    }

    /// <summary>All index tuples of a grid in C order.</summary>
    public static IEnumerable<int[]> Indices(int[] grid)
    {
        var count = grid.Aggregate(1, (n, g) => n * g);
        for (var i = 0; i < count; i++)
        {
            var index = new int[grid.Length];
            for (var (d, rest) = (grid.Length - 1, i); d >= 0; rest /= grid[d], d--)
                index[d] = rest % grid[d];
            yield return index;
        }
    }

    private byte[] Elements(int[] origin, int[] chunk)
    {
        var values = Values;
        var bytes = new byte[chunk.Aggregate(4, (n, c) => n * c)];
        foreach (var index in Indices(chunk))
        {
            var (source, position, isInside) = (0, 0, true);
            for (var d = 0; d < chunk.Length; d++)
            {
                isInside &= origin[d] + index[d] < Shape[d];
                source = source * Shape[d] + origin[d] + index[d];
                position = position * chunk[d] + index[d];
            }

            if (Order == "F")
            {
                position = 0;
                for (var d = chunk.Length - 1; d >= 0; d--)
                    position = position * chunk[d] + index[d];
            }

            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * position), isInside ? values[source] : 99);
        }

        return bytes;
    }

    private byte[] Encode(byte[] bytes)
    {
        var encoded = new MemoryStream();
        using (Stream stream = Compressor switch
        {
            null => new BufferedStream(encoded),
            "gzip" => new GZipStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
            "zlib" => new ZLibStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
            _ => new CompressionStream(encoded, leaveOpen: true),
        })
            stream.Write(bytes);
        return Checksum ? WithChecksum(encoded.ToArray()) : encoded.ToArray();
    }

    private static byte[] WithChecksum(byte[] bytes) => [.. bytes, .. BitConverter.GetBytes(Crc32C.ComputePlain(bytes))];

    private byte[] Shard(int[] origin, int[] inner)
    {
        var chunks = Indices(Chunks.Zip(inner, (c, i) => c / i).ToArray())
            .Select(index => origin.Zip(index.Zip(inner, (i, n) => i * n), (o, i) => o + i).ToArray())
            .Select(o => o.Zip(Shape, (a, s) => a < s).All(isInside => isInside) ? Encode(Elements(o, inner)) : null)
            .ToList();
        var offset = (ulong)(IndexAtStart ? 16 * chunks.Count + 4 : 0);
        var index = new MemoryStream();
        foreach (var chunk in chunks)
        {
            index.Write(BitConverter.GetBytes(chunk is null ? ulong.MaxValue : offset));
            index.Write(BitConverter.GetBytes(chunk is null ? ulong.MaxValue : (ulong)chunk.Length));
            offset += (ulong)(chunk?.Length ?? 0);
        }

        var body = chunks.SelectMany(c => c ?? []).ToArray();
        return IndexAtStart ? [.. WithChecksum(index.ToArray()), .. body] : [.. body, .. WithChecksum(index.ToArray())];
    }
}
