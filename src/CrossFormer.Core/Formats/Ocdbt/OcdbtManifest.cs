namespace CrossFormer.Formats;

/// <summary>The root of an OCDBT database: which tree is the latest version.</summary>
/// <param name="Root">Where the latest version's root node lies; <see cref="OcdbtLocation.IsMissing"/> when it holds nothing.</param>
/// <param name="RootHeight">Height of the root node; 0 is a leaf.</param>
internal sealed record OcdbtManifest(OcdbtLocation Root, int RootHeight)
{
    private const ulong Single = 0;
    private const ulong Numbered = 1;

    /// <summary>Reads a manifest; null when it says that the manifests are the numbered files beside it.</summary>
    public static OcdbtManifest? Read(ByteSource file)
    {
        var cursor = OcdbtEnvelope.Decode(file, OcdbtEnvelope.Manifest);
        _ = cursor.Take(16); // uuid
        var kind = cursor.ReadVarint();
        if (kind > Numbered)
            throw cursor.Corrupt($"expected manifest kind 0 (single) or 1 (numbered), found {kind}");
        cursor.SkipVarints(2); // limits on inline values and node sizes, for writers
        _ = cursor.ReadByte(); // arity of the version tree
        var compression = cursor.ReadVarint();
        if (compression > 1)
            throw cursor.Corrupt($"expected compression 0 (none) or 1 (zstd), found {compression}");
        if (compression == 1)
            _ = cursor.ReadInt32(); // zstd level, for writers
        if (kind != Single)
        {
            cursor.ExpectEnd();
            return null;
        }

        var files = OcdbtDataFiles.Read(cursor, "");
        var count = cursor.ReadCount(bytesEach: 16);
        if (count == 0)
            throw cursor.Corrupt("expected at least one version");
        cursor.SkipVarints(count); // generation
        var heights = cursor.Take((ulong)count);
        var (fileIds, offsets, lengths) = (cursor.ReadVarints(count), cursor.ReadVarints(count), cursor.ReadVarints(count));
        cursor.SkipVarints(3 * count); // numbers of keys and bytes
        _ = cursor.Take(8 * (ulong)count); // commit times
        // What follows refers to older versions. The latest is always here, and is the last.
        var root = new OcdbtLocation("", "", offsets[^1], lengths[^1]);
        if (!root.IsMissing)
        {
            var (basePath, path) = files[cursor, fileIds[^1]];
            root = root with { BasePath = basePath, Path = path };
        }

        return new OcdbtManifest(root, heights[^1]);
    }
}
