using System.Buffers.Binary;
using System.Text;
using CrossFormer.Formats;
using ZstdSharp;

namespace CrossFormer.Core.Tests.Formats;

/// <summary>Writes OCDBT databases field by field from the specification, right ones and wrong ones.</summary>
internal sealed class OcdbtSample(string folder)
{
    public const uint TreeNode = 0x0cdb20de;
    public const uint Manifest = 0x0cdb3a2a;

    /// <summary>Bytes of one node: an envelope about <paramref name="body"/>.</summary>
    public static byte[] Envelope(uint magic, byte[] body, bool compress = false)
    {
        if (compress)
        {
            using var compressor = new Compressor();
            body = compressor.Wrap(body).ToArray();
        }

        var node = new byte[14 + body.Length + 4];
        BinaryPrimitives.WriteUInt32BigEndian(node, magic);
        BinaryPrimitives.WriteUInt64LittleEndian(node.AsSpan(4), (ulong)node.Length);
        node[13] = compress ? (byte)1 : (byte)0;
        body.CopyTo(node, 14);
        BinaryPrimitives.WriteUInt32LittleEndian(node.AsSpan(node.Length - 4), Crc32C.ComputePlain(node.AsSpan(0, node.Length - 4)));
        return node;
    }

    /// <summary>A data-file table of paths and how many bytes of each are the base of the paths that its nodes name.</summary>
    public static byte[] Files(params (string Path, int Base)[] files)
    {
        var names = files.Select(f => Encoding.UTF8.GetBytes(f.Path)).ToArray();
        var prefixes = Prefixes(names);
        return [.. Varint(files.Length), .. prefixes.Skip(1).SelectMany(p => Varint(p)), .. names.Select((n, i) => n.Length - prefixes[i]).SelectMany(l => Varint(l)),
            .. files.SelectMany(f => Varint(f.Base)), .. names.SelectMany((n, i) => n[prefixes[i]..])];
    }

    /// <summary>A leaf's body; a value is bytes in the node, or a place.</summary>
    public static byte[] Leaf(byte[] files, params (string Key, byte[]? Inline, (int File, int Offset, int Length) Place)[] entries)
    {
        var keys = entries.Select(e => Encoding.UTF8.GetBytes(e.Key)).ToArray();
        var prefixes = Prefixes(keys);
        var indirect = entries.Where(e => e.Inline is null).Select(e => e.Place).ToList();
        return [0, .. files, .. Varint(entries.Length), .. prefixes.Skip(1).SelectMany(p => Varint(p)), .. keys.Select((k, i) => k.Length - prefixes[i]).SelectMany(l => Varint(l)),
            .. keys.SelectMany((k, i) => k[prefixes[i]..]), .. entries.SelectMany(e => Varint(e.Inline?.Length ?? e.Place.Length)), .. entries.SelectMany(e => Varint(e.Inline is null ? 1 : 0)),
            .. indirect.SelectMany(p => Varint(p.File)), .. indirect.SelectMany(p => Varint(p.Offset)), .. entries.SelectMany(e => e.Inline ?? [])];
    }

    /// <summary>An interior node's body: for each child its first key, how much of that all its keys share, and its place.</summary>
    public static byte[] Interior(int height, byte[] files, params (string Key, int Common, int File, int Offset, int Length)[] children)
    {
        var keys = children.Select(c => Encoding.UTF8.GetBytes(c.Key)).ToArray();
        var prefixes = Prefixes(keys);
        return [(byte)height, .. files, .. Varint(children.Length), .. prefixes.Skip(1).SelectMany(p => Varint(p)), .. keys.Select((k, i) => k.Length - prefixes[i]).SelectMany(l => Varint(l)),
            .. children.SelectMany(c => Varint(c.Common)), .. keys.SelectMany((k, i) => k[prefixes[i]..]), .. children.SelectMany(c => Varint(c.File)),
            .. children.SelectMany(c => Varint(c.Offset)), .. children.SelectMany(c => Varint(c.Length)), .. children.SelectMany(_ => new byte[] { 1, 1, 1 })];
    }

    /// <summary>A manifest's body with one version, or (<paramref name="isEmpty"/>) one without keys.</summary>
    public static byte[] ManifestBody(byte[] files, int height, long offset, long length, bool isEmpty = false) =>
    [
        .. ManifestHead(kind: 0), .. files, 1, 1, (byte)height, 0, .. isEmpty ? Varint(ulong.MaxValue) : Varint(offset), .. isEmpty ? Varint(ulong.MaxValue) : Varint(length),
        1, 1, 1, .. new byte[8], 0,
    ];

    /// <summary>What every manifest begins with.</summary>
    public static byte[] ManifestHead(int kind) => [.. new byte[16], (byte)kind, 100, .. Varint(8 << 20), 4, 1, 0, 0, 0, 0];

    public static byte[] Varint(long value) => Varint((ulong)value);

    public static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }

    public void Write(string path, byte[] bytes)
    {
        var full = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, bytes);
    }

    /// <summary>A database of one leaf in <c>d/leaf</c>.</summary>
    public void WriteLeaf(byte[] leafBody)
    {
        var node = Envelope(TreeNode, leafBody);
        Write("d/leaf", node);
        Write("manifest.ocdbt", Envelope(Manifest, ManifestBody(Files(("d/leaf", 0)), 0, 0, node.Length)));
    }

    private static int[] Prefixes(byte[][] names) => [.. names.Select((n, i) => i == 0 ? 0 : n.AsSpan().CommonPrefixLength(names[i - 1]))];
}
