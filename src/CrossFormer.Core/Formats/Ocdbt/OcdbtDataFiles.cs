namespace CrossFormer.Formats;

/// <summary>A node's table of the data files it refers to. A path is relative to the folder that the node's own file belongs to.</summary>
internal sealed class OcdbtDataFiles
{
    /// <summary>Real paths have 35 bytes or 53; the base is repeated for each, so it must not be long.</summary>
    private const int MaxPathBytes = 1024;

    private readonly (string BasePath, string Path)[] _files;

    private OcdbtDataFiles((string, string)[] files) => _files = files;

    /// <summary>Reads the table.</summary>
    /// <param name="cursor">At the table.</param>
    /// <param name="basePath">The base of the file that the node is in: empty, or ending with '/'.</param>
    public static OcdbtDataFiles Read(OcdbtCursor cursor, string basePath)
    {
        var count = cursor.ReadCount(bytesEach: 2);
        var prefixLengths = cursor.ReadVarints(Math.Max(0, count - 1));
        var suffixLengths = cursor.ReadVarints(count);
        var baseLengths = cursor.ReadVarints(count);
        var names = cursor.ReadNames(prefixLengths, suffixLengths);
        var files = new (string, string)[count];
        for (var i = 0; i < count; i++)
        {
            if (baseLengths[i] > (ulong)names[i].Length)
                throw cursor.Corrupt($"a base of {baseLengths[i]} bytes in a path of {names[i].Length}");
            if (basePath.Length + names[i].Length > MaxPathBytes)
                throw cursor.Corrupt($"a path of {basePath.Length + names[i].Length} bytes; expected at most {MaxPathBytes}");
            files[i] = (basePath + cursor.Text(names[i].AsSpan(0, (int)baseLengths[i])), basePath + cursor.Text(names[i]));
        }

        return new OcdbtDataFiles(files);
    }

    /// <summary>The file of that number: its path, and the base of the paths that its nodes name.</summary>
    public (string BasePath, string Path) this[OcdbtCursor cursor, ulong id] =>
        id < (ulong)_files.Length ? _files[id] : throw cursor.Corrupt($"expected one of {_files.Length} data files, found number {id}");
}
