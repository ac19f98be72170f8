namespace CrossFormer.Formats;

/// <summary>
/// Writes a folder so that its name never stands for half of it: the files go into a hidden folder beside it, each flushed to
/// the disk, and that folder is renamed. A crash at any byte leaves the old folder, or none, and at worst a
/// <c>.NAME.tmp-…</c> that may be deleted.
/// </summary>
public sealed class AtomicFolder
{
    private readonly string _temporary;
    private readonly DurableStorage _storage;
    private readonly HashSet<string> _folders = [];

    private AtomicFolder(string temporary, DurableStorage storage) => (_temporary, _storage) = (temporary, storage);

    /// <summary>Writes or replaces a folder and everything in it.</summary>
    /// <param name="path">The folder; the one it lies in is made when absent.</param>
    /// <param name="write">Adds the files. When it throws, the old folder stays.</param>
    /// <param name="temporaryName">Name of the folder beside it that is written first; by default <c>.NAME.tmp-…</c>.</param>
    public static void Write(string path, Action<AtomicFolder> write, string? temporaryName = null) => Write(path, write, DurableStorage.Disk, temporaryName);

    internal static void Write(string path, Action<AtomicFolder> write, DurableStorage storage, string? temporaryName = null)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var parent = Path.GetDirectoryName(path) ?? throw new ArgumentException($"'{path}' cannot be replaced.", nameof(path));
        var temporary = temporaryName is null ? AtomicFile.TemporaryName(path) : Path.Combine(parent, temporaryName);
        Directory.CreateDirectory(parent);
        try
        {
            var folder = new AtomicFolder(temporary, storage);
            folder.CreateFolder(temporary);
            write(folder);
            foreach (var written in folder._folders)
                storage.FlushFolder(written);
            // When a folder is replaced, the two change names, and the temporary name is the old one's afterwards.
            storage.ReplaceFolder(temporary, path);
            storage.FlushFolder(parent);
        }
        finally
        {
            storage.TryDelete(temporary);
        }
    }

    /// <summary>Gives a folder that was written under another name its own: for writers that work too long for one call of <see cref="Write(string, Action{AtomicFolder}, string?)"/>.</summary>
    /// <param name="written">A folder without subfolders beside <paramref name="path"/>, each file flushed to the disk. Afterwards there is none of that name.</param>
    /// <param name="path">Its name; a folder of that name is replaced at once.</param>
    public static void Publish(string written, string path)
    {
        var storage = DurableStorage.Disk;
        storage.FlushFolder(written);
        storage.ReplaceFolder(written, path);
        storage.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        storage.TryDelete(written);
    }

    /// <summary>Adds a file.</summary>
    /// <param name="relativePath">Path inside the folder; folders on the way are made.</param>
    /// <param name="write">Writes the content to the (buffered) stream.</param>
    public void Add(string relativePath, Action<Stream> write)
    {
        var file = Path.GetFullPath(Path.Combine(_temporary, relativePath));
        if (!file.StartsWith(_temporary + Path.DirectorySeparatorChar))
            throw new ArgumentException($"'{relativePath}' lies outside the folder that is written.", nameof(relativePath));
        CreateFolder(Path.GetDirectoryName(file)!);
        _storage.WriteFile(file, write);
    }

    /// <summary>Adds a file.</summary>
    public void Add(string relativePath, ReadOnlyMemory<byte> content) => Add(relativePath, stream => stream.Write(content.Span));

    private void CreateFolder(string folder)
    {
        if (folder != _temporary && !_folders.Contains(folder))
            CreateFolder(Path.GetDirectoryName(folder)!);
        if (_folders.Add(folder))
            _storage.CreateFolder(folder);
    }
}
