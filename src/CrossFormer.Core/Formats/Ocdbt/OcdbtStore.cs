using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CrossFormer.Formats;

/// <summary>
/// The latest version of an OCDBT database (TensorStore's key-value store, which newer orbax writes checkpoints into). Opening
/// reads the tree of keys; values are read when they are asked for. Source: TensorStore, kvstore/ocdbt/index.rst.
/// </summary>
public sealed class OcdbtStore : KeyValueStore
{
    /// <summary>The file that makes a folder an OCDBT database.</summary>
    public const string ManifestName = "manifest.ocdbt";

    private readonly ConfinedFolder _folder;
    private readonly ConcurrentDictionary<string, ByteSource> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (byte[]? Inline, OcdbtLocation Location)> _values = [];
    private readonly string[] _keys = [];

    /// <summary>Opens the database in <paramref name="folder"/>.</summary>
    /// <exception cref="CorruptFileException">A node is malformed, its checksum is wrong, or a file it names lies outside the folder or is missing.</exception>
    public OcdbtStore(string folder) : base(folder)
    {
        _folder = new ConfinedFolder(folder);
        var manifest = ReadManifest();
        if (manifest.Root.IsMissing)
            return;
        var tree = new OcdbtTree(path => OpenData(path, ManifestName));
        tree.Walk(manifest.Root, manifest.RootHeight, []);
        _values = tree.Values;
        _keys = [.. _values.Keys];
        // The tree is in the order of UTF-8 bytes, which is not always that of strings.
        Array.Sort(_keys, StringComparer.Ordinal);
    }

    /// <summary>All keys in ordinal order.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <inheritdoc/>
    public override bool TryGet(string key, [NotNullWhen(true)] out ByteSource? value)
    {
        value = null;
        if (!_values.TryGetValue(key, out var found))
            return false;
        if (found.Inline is { } bytes)
        {
            value = ByteSource.FromMemory(bytes, $"{Name}:{key}");
            return true;
        }

        var (_, path, offset, length) = found.Location;
        var file = OpenData(path, key);
        if (offset > long.MaxValue || length > long.MaxValue)
            throw file.Corrupt(0, $"the value of '{key}' at {offset}, {length} bytes");
        value = file.Slice((long)offset, (long)length);
        return true;
    }

    /// <inheritdoc/>
    public override IEnumerable<string> KeysBelow(string folder)
    {
        var prefix = folder + "/";
        var first = Array.BinarySearch(_keys, prefix, StringComparer.Ordinal);
        for (var i = first < 0 ? ~first : first; i < _keys.Length && _keys[i].StartsWith(prefix, StringComparison.Ordinal); i++)
            yield return _keys[i][prefix.Length..];
    }

    private OcdbtManifest ReadManifest()
    {
        if (OcdbtManifest.Read(ByteSource.OpenFileForEachRead(Path.Combine(_folder.FullPath, ManifestName))) is { } single)
            return single;
        var newest = Directory.EnumerateFiles(_folder.FullPath, "manifest.*")
            .Where(f => f.Length >= 16 && Path.GetFileName(f).Length == "manifest.".Length + 16)
            .Where(f => ulong.TryParse(f.AsSpan(f.Length - 16), NumberStyles.AllowHexSpecifier, null, out _))
            .MaxBy(f => ulong.Parse(f.AsSpan(f.Length - 16), NumberStyles.AllowHexSpecifier))
            ?? throw new CorruptFileException(Path.Combine(Name, ManifestName), 0, "expected numbered manifests (manifest.0000000000000001, …) beside it, found none");
        return OcdbtManifest.Read(ByteSource.OpenFileForEachRead(newest))
            ?? throw new CorruptFileException(newest, 0, "expected a manifest of kind 0 (single), found 1 (numbered)");
    }

    private ByteSource OpenData(string path, string namedBy) => _files.GetOrAdd(path, p =>
    {
        var full = _folder.Resolve(p, $"{Name}:{namedBy}", 0);
        return File.Exists(full) ? ByteSource.OpenFile(full) : throw new CorruptFileException(Name, 0, $"expected the data file '{p}', found none");
    });
}
