namespace CrossFormer.Formats;

/// <summary>Walks a B-tree from its root and collects its keys. Values stay where they are.</summary>
/// <param name="open">Opens a data file, by its path relative to the database's folder.</param>
internal sealed class OcdbtTree(Func<string, ByteSource> open)
{
    private const ulong Inline = 0;
    private const ulong Indirect = 1;
    private readonly HashSet<(string, ulong)> _visited = [];
    private byte[]? _lastKey;
    private long _keyBudget = OcdbtCursor.MaxNameBytes;

    /// <summary>Keys in order, each with its value: bytes in the tree itself, or a place in a data file.</summary>
    public Dictionary<string, (byte[]? Inline, OcdbtLocation Location)> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a node and all below it.</summary>
    /// <param name="location">Where the node lies.</param>
    /// <param name="expectedHeight">What the parent says; each level is one lower, so no path leads in a circle.</param>
    /// <param name="prefix">What all keys of the node begin with.</param>
    public void Walk(OcdbtLocation location, int expectedHeight, byte[] prefix)
    {
        var file = open(location.Path);
        if (location.Offset > long.MaxValue || location.Length > long.MaxValue)
            throw file.Corrupt(0, $"a node at {location.Offset} of {location.Length} bytes");
        var node = file.Slice((long)location.Offset, (long)location.Length);
        // A tree has one way to each node. Two would let a small file unfold without end.
        if (!_visited.Add((location.Path, location.Offset)))
            throw node.Corrupt(0, "a node that two parents refer to");
        var cursor = OcdbtEnvelope.Decode(node, OcdbtEnvelope.TreeNode);
        _keyBudget += (long)OcdbtCursor.MaxExpansion * cursor.Length;
        if (cursor.ReadByte() is var height && height != expectedHeight)
            throw cursor.Corrupt($"expected a node of height {expectedHeight}, found {height}");
        var files = OcdbtDataFiles.Read(cursor, location.BasePath);
        if (height == 0)
            ReadLeaf(cursor, files, prefix);
        else
            ReadInterior(cursor, files, height, prefix);
    }

    private void ReadLeaf(OcdbtCursor cursor, OcdbtDataFiles files, byte[] prefix)
    {
        var count = cursor.ReadCount(bytesEach: 3);
        var prefixLengths = cursor.ReadVarints(Math.Max(0, count - 1));
        var keys = cursor.ReadNames(prefixLengths, cursor.ReadVarints(count));
        var lengths = cursor.ReadVarints(count);
        var kinds = cursor.ReadVarints(count);
        if (Array.FindIndex(kinds, k => k > Indirect) is var bad and >= 0)
            throw cursor.Corrupt($"expected value kind 0 (inline) or 1 (indirect), found {kinds[bad]}");
        var indirect = kinds.Count(k => k == Indirect);
        var (fileIds, offsets) = (cursor.ReadVarints(indirect), cursor.ReadVarints(indirect));
        for (var (i, j) = (0, 0); i < count; i++)
        {
            var key = FullKey(cursor, prefix, keys[i]);
            if (kinds[i] == Inline)
            {
                Values.Add(key, (cursor.Take(lengths[i]).ToArray(), default));
                continue;
            }

            var (basePath, path) = files[cursor, fileIds[j]];
            Values.Add(key, (null, new OcdbtLocation(basePath, path, offsets[j], lengths[i])));
            j++;
        }

        cursor.ExpectEnd();
    }

    private void ReadInterior(OcdbtCursor cursor, OcdbtDataFiles files, int height, byte[] prefix)
    {
        var count = cursor.ReadCount(bytesEach: 8);
        if (count == 0)
            throw cursor.Corrupt("expected an interior node to have children");
        var prefixLengths = cursor.ReadVarints(count - 1);
        var suffixLengths = cursor.ReadVarints(count);
        var commonLengths = cursor.ReadVarints(count);
        var keys = cursor.ReadNames(prefixLengths, suffixLengths);
        var (fileIds, offsets, lengths) = (cursor.ReadVarints(count), cursor.ReadVarints(count), cursor.ReadVarints(count));
        cursor.SkipVarints(3 * count); // numbers of keys and bytes
        cursor.ExpectEnd();
        for (var i = 0; i < count; i++)
        {
            if (commonLengths[i] > (ulong)keys[i].Length)
                throw cursor.Corrupt($"a common prefix of {commonLengths[i]} bytes in a key of {keys[i].Length}");
            var (basePath, path) = files[cursor, fileIds[i]];
            Walk(new OcdbtLocation(basePath, path, offsets[i], lengths[i]), height - 1, [.. prefix, .. keys[i].AsSpan(0, (int)commonLengths[i])]);
        }
    }

    private string FullKey(OcdbtCursor cursor, byte[] prefix, byte[] key)
    {
        _keyBudget -= prefix.Length + key.Length;
        if (prefix.Length + key.Length > OcdbtCursor.MaxNameBytes || _keyBudget < 0)
            throw cursor.Corrupt(_keyBudget < 0 ? "keys whose shared prefixes grow absurdly" : $"a key of {prefix.Length + key.Length} bytes; expected at most {OcdbtCursor.MaxNameBytes}");
        byte[] full = [.. prefix, .. key];
        if (_lastKey is not null && _lastKey.AsSpan().SequenceCompareTo(full) >= 0)
            throw cursor.Corrupt("keys that do not ascend");
        _lastKey = full;
        return cursor.Text(full);
    }
}
