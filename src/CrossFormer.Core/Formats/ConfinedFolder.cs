namespace CrossFormer.Formats;

/// <summary>
/// A folder whose files name other files. Such a name never leads out of it: not by "..", not by an absolute path, not by a
/// symbolic link. One exception: in the Hub's cache, <c>…/snapshots/REVISION/…</c> holds links into <c>…/blobs</c>.
/// </summary>
public sealed class ConfinedFolder
{
    private const int MaxLinks = 40;
    private readonly string _path;
    private readonly string _realPath;
    private readonly string? _blobs;

    /// <summary>Confines to a folder.</summary>
    /// <param name="path">The folder; need not exist.</param>
    public ConfinedFolder(string path)
    {
        _path = Path.GetFullPath(path);
        _realPath = RealPath(_path);
        // Only snapshots/<revision>/… with a sibling "blobs" counts: both are the Hub client's own names.
        for (var parent = Path.GetDirectoryName(_path); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            var blobs = Path.Combine(Path.GetDirectoryName(parent) ?? "/", "blobs");
            if (Path.GetFileName(parent) == "snapshots" && Directory.Exists(blobs))
                _blobs = RealPath(blobs);
        }
    }

    /// <summary>The folder itself.</summary>
    public string FullPath => _path;

    /// <summary>The path of a file that the folder's own content names.</summary>
    /// <param name="relative">Segments joined by '/'.</param>
    /// <param name="namedBy">The file that holds the name, for the error.</param>
    /// <param name="offset">Where in it.</param>
    /// <exception cref="CorruptFileException">The name leads out of the folder.</exception>
    public string Resolve(string relative, string namedBy, long offset)
    {
        foreach (var segment in relative.Split('/'))
        {
            if (segment is "" or "." or ".." || segment.Contains('\0') || (OperatingSystem.IsWindows() && segment.AsSpan().IndexOfAny('\\', ':') >= 0))
                throw new CorruptFileException(namedBy, offset, $"expected the name of a file inside {_path}, found '{relative.Replace("\0", "\\0")}'");
        }

        var path = Path.Combine(_path, relative);
        var real = RealPath(path);
        if (!IsInside(real, _realPath) && (_blobs is null || !IsInside(real, _blobs)))
            throw new CorruptFileException(namedBy, offset, $"'{relative}' is a link that leaves {_path}: it leads to {real}");
        return path;
    }

    private static bool IsInside(string path, string folder) => path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar);

    // .NET resolves only a path's last segment, so this walks all of them. A segment that does not exist resolves to itself.
    private static string RealPath(string path)
    {
        var (pending, resolved, links) = (new Stack<string>(), Path.GetPathRoot(path)!, 0);
        Push(path[resolved.Length..]);
        while (pending.TryPop(out var segment))
        {
            if (segment == "..")
            {
                resolved = Path.GetDirectoryName(resolved) ?? resolved;
                continue;
            }

            var next = Path.Combine(resolved, segment);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                resolved = next;
                continue;
            }

            if (++links > MaxLinks)
                throw new CorruptFileException(path, 0, $"more than {MaxLinks} symbolic links, one leading to the next");
            if (Path.IsPathRooted(target))
                resolved = Path.GetPathRoot(target)!;
            Push(Path.IsPathRooted(target) ? target[resolved.Length..] : target);
        }

        return resolved;

        void Push(string segments)
        {
            foreach (var segment in segments.Split(Path.DirectorySeparatorChar).Reverse())
            {
                if (segment is not ("" or "."))
                    pending.Push(segment);
            }
        }
    }
}
