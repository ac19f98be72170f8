using System.Buffers.Binary;
using CrossFormer.Arrays;
using CrossFormer.Checkpoints;
using CrossFormer.Formats;
using CrossFormer.Testing;

namespace CrossFormer.Fuzz;

/// <summary>The readers of checkpoints, with seeds from the golden checkpoints.</summary>
/// <param name="folder">A folder for formats of several files.</param>
internal sealed class FuzzTargets(string folder)
{
    private const uint ManifestMagic = 0x0cdb3a2a;
    private const uint NodeMagic = 0x0cdb20de;

    public IReadOnlyList<FuzzTarget> All() => [MsgPackTree(), SafetensorsFile(), NpzFile(), ZarrMetadata(), ZarrShard(), OcdbtRaw(), OcdbtManifest(), OcdbtNode(), OrbaxTree()];

    private static string Golden(params string[] path) => Goldens.File(["checkpoints", .. path]);

    private static FuzzTarget MsgPackTree()
    {
        byte[] kinds = Written(stream => MsgPack.Write(stream, new ArrayTree.Map(
        [
            new("scalar", new ArrayTree.Leaf(new MemoryArray(NdArray.From([7L])), isScalar: true)),
            new("tuple", new ArrayTree.Sequence([new ArrayTree.Integer(-70000), new ArrayTree.Real(0.5), ArrayTree.Nil], isTuple: true)),
            new("complex", new ArrayTree.Complex(new(1, -1))),
            new("bytes", new ArrayTree.Binary(new byte[40])),
            new("chunked", new ArrayTree.Map(
            [
                new("__msgpack_chunked_array__", new ArrayTree.Boolean(true)),
                new("shape", new ArrayTree.Map([new("0", new ArrayTree.Integer(2)), new("1", new ArrayTree.Integer(3))])),
                new("chunks", new ArrayTree.Map(
                [
                    new("0", new ArrayTree.Leaf(new MemoryArray(NdArray.From([1f, 2, 3, 4], 4)))), new("1", new ArrayTree.Leaf(new MemoryArray(NdArray.From([5f, 6], 2)))),
                ])),
            ])),
        ])));
        byte[][] seeds = [kinds, kinds, File.ReadAllBytes(Golden("zarr", "7", "default", "checkpoint")), File.ReadAllBytes(Golden("msgpack", "example_batch.msgpack"))];
        return new("msgpack", seeds, bytes =>
        {
            foreach (var (_, leaf) in FlattenOrRefuse(MsgPack.Read(ByteSource.FromMemory(bytes, "msgpack"))))
                (leaf as ArrayTree.Leaf)?.Array.Read();
        }, FuzzTarget.Plain);
    }

    private static FuzzTarget SafetensorsFile()
    {
        var arrays = MsgPack.Open(Golden("msgpack", "7", "default", "checkpoint")).FlattenArrays().Where(a => a.Value.ByteCount < 1000);
        var seed = Written(stream => Safetensors.Write(stream, arrays, new Dictionary<string, string> { ["step"] = "7" }));
        var small = Written(stream => Safetensors.Write(stream, arrays.Take(3)));
        return new("safetensors", [seed, small, small], bytes =>
        {
            foreach (var (_, array) in Safetensors.Read(ByteSource.FromMemory(bytes, "safetensors")).Arrays)
                array.Read();
        }, FuzzTarget.Plain);
    }

    private static FuzzTarget NpzFile()
    {
        var small = Written(stream => Npz.Write(stream, [new("a", new MemoryArray(NdArray.From([1f, 2], 2))), new("b", new MemoryArray(NdArray.From([1L])))]));
        return new("npz", [small, small, File.ReadAllBytes(Golden("expected.npz"))], bytes => Npz.Read(new MemoryStream(bytes), "npz"), FuzzTarget.Compressed);
    }

    private FuzzTarget ZarrMetadata()
    {
        const string Name = "heads_single_arm.mean_proj.bias";
        var array = Copy(Golden("zarr", "7", "default", Name), "zarr-v2/a");
        var path = Path.Combine(array, ".zarray");
        return new("zarr-metadata", [File.ReadAllBytes(path)], bytes => ReadZarr(path, bytes), FuzzTarget.Compressed);
    }

    private FuzzTarget ZarrShard()
    {
        var array = Directory.CreateDirectory(Path.Combine(folder, "zarr-v3/a")).FullName;
        File.WriteAllText(Path.Combine(array, "zarr.json"), """
            {"zarr_format":3,"node_type":"array","shape":[7],"data_type":"float32","fill_value":0.5,"chunk_grid":{"name":"regular","configuration":{"chunk_shape":[8]}},
            "chunk_key_encoding":{"name":"default"},"codecs":[{"name":"sharding_indexed","configuration":{"chunk_shape":[4],"index_location":"end",
            "codecs":[{"name":"bytes","configuration":{"endian":"little"}},{"name":"zstd"}],"index_codecs":[{"name":"bytes","configuration":{"endian":"little"}}]}}]}
            """);
        using var compressor = new ZstdSharp.Compressor();
        var chunk = compressor.Wrap(new byte[16]).ToArray();
        byte[] shard = [.. chunk, .. chunk, .. BitConverter.GetBytes(0L), .. BitConverter.GetBytes((long)chunk.Length), .. BitConverter.GetBytes((long)chunk.Length), .. BitConverter.GetBytes((long)chunk.Length)];
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(array, "c")).FullName, "0");
        return new("zarr-shard", [shard], bytes => ReadZarr(path, bytes, "zarr-v3"), FuzzTarget.Compressed);
    }

    private FuzzTarget OcdbtRaw()
    {
        var copy = Copy(Golden("ocdbt", "7", "default"), "ocdbt-raw");
        var path = Path.Combine(copy, OcdbtStore.ManifestName);
        return new("ocdbt-raw", [File.ReadAllBytes(path)], bytes => ReadOcdbt(copy, path, bytes), FuzzTarget.Compressed);
    }

    // Damage under a right checksum: what an attacker sends, and the only damage that gets past the envelope.
    private FuzzTarget OcdbtManifest()
    {
        var copy = Copy(Golden("ocdbt", "7", "default"), "ocdbt-manifest");
        var path = Path.Combine(copy, OcdbtStore.ManifestName);
        return new("ocdbt-manifest", [Body(File.ReadAllBytes(path))], bytes => ReadOcdbt(copy, path, Seal(ManifestMagic, bytes)), FuzzTarget.Compressed);
    }

    private FuzzTarget OcdbtNode()
    {
        var copy = Copy(Golden("ocdbt", "7", "default"), "ocdbt-node");
        var seeds = Directory.EnumerateFiles(copy, "*", SearchOption.AllDirectories).SelectMany(f => Nodes(File.ReadAllBytes(f))).ToList();
        var manifest = Path.Combine(copy, OcdbtStore.ManifestName);
        var node = Path.Combine(copy, "d", "damaged");
        return new("ocdbt-node", seeds, bytes =>
        {
            var sealedNode = Seal(NodeMagic, bytes);
            File.WriteAllBytes(node, sealedNode);
            byte[] length = [(byte)(sealedNode.Length | 0x80), (byte)((sealedNode.Length >> 7) | 0x80), (byte)((sealedNode.Length >> 14) | 0x80), (byte)(sealedNode.Length >> 21)];
            byte[] body =
            [
                .. new byte[16], 0, 100, 0x80, 0x80, 0x80, 4, 4, 1, 0, 0, 0, 0, 1, 9, 0, .. "d/damaged"u8, 1, 1, bytes.Length == 0 ? (byte)0 : bytes[0],
                0, 0, .. length, 1, 1, 1, .. new byte[8], 0,
            ];
            ReadOcdbt(copy, manifest, Seal(ManifestMagic, body));
        }, FuzzTarget.Compressed);
    }

    private FuzzTarget OrbaxTree()
    {
        var copy = Copy(Golden("zarr"), "orbax");
        var path = Path.Combine(copy, "7", "default", "checkpoint");
        return new("orbax", [File.ReadAllBytes(path)], bytes =>
        {
            File.WriteAllBytes(path, bytes);
            foreach (var (_, array) in OrbaxDirectory.Open(copy).ReadParameters().Arrays.Take(3))
                array.Read();
        }, FuzzTarget.Compressed);
    }

    private void ReadZarr(string path, byte[] bytes, string store = "zarr-v2")
    {
        File.WriteAllBytes(path, bytes);
        Zarr.Open(new FolderStore(Path.Combine(folder, store)), "a").Read();
    }

    private static void ReadOcdbt(string folder, string path, byte[] bytes)
    {
        File.WriteAllBytes(path, bytes);
        var store = new OcdbtStore(folder);
        foreach (var key in store.Keys)
            store.TryGet(key, out _);
        foreach (var key in store.Keys.Where(k => k.EndsWith("bias/.zarray")).Take(2))
            Zarr.Open(store, key[..^"/.zarray".Length]).Read();
    }

    // Two leaves of one path are no fault of the bytes: the caller (OrbaxDirectory) reports them.
    private static OrderedDictionary<string, ArrayTree> FlattenOrRefuse(ArrayTree tree)
    {
        try
        {
            return tree.Flatten();
        }
        catch (InvalidOperationException e)
        {
            throw new CorruptFileException("msgpack", 0, e.Message, e);
        }
    }

    private string Copy(string source, string name)
    {
        var target = Path.Combine(folder, name);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllBytes(copy, File.ReadAllBytes(file));
        }

        return target;
    }

    private static byte[] Written(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    private static byte[] Body(byte[] node)
    {
        using var decompressor = new ZstdSharp.Decompressor();
        return node[13] == 0 ? node[14..^4] : decompressor.Unwrap(node.AsSpan(14, node.Length - 18)).ToArray();
    }

    private static byte[] Seal(uint magic, byte[] body)
    {
        var node = new byte[14 + body.Length + 4];
        BinaryPrimitives.WriteUInt32BigEndian(node, magic);
        BinaryPrimitives.WriteUInt64LittleEndian(node.AsSpan(4), (ulong)node.Length);
        body.CopyTo(node, 14);
        BinaryPrimitives.WriteUInt32LittleEndian(node.AsSpan(node.Length - 4), Crc32C.Compute(node.AsSpan(0, node.Length - 4)));
        return node;
    }

    // The bodies of the B-tree nodes in a data file, found by their magic number.
    private static IEnumerable<byte[]> Nodes(byte[] file)
    {
        for (var at = 0; at + 18 < file.Length; at++)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at)) == NodeMagic && BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at + 4)) is var length && length <= file.Length - at)
                yield return Body(file.AsSpan(at, (int)length).ToArray());
        }
    }
}
