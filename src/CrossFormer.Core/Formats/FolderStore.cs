using System.Diagnostics.CodeAnalysis;
using System.IO.Enumeration;

namespace CrossFormer.Formats;

/// <summary>The files of a folder as keys and values: a plain Zarr directory.</summary>
public sealed class FolderStore : KeyValueStore
{
    private static readonly EnumerationOptions AllFiles = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };
    private readonly ConfinedFolder _folder;

    /// <summary>Wraps a folder; nothing is read yet.</summary>
    public FolderStore(string folder) : base(folder) => _folder = new ConfinedFolder(folder);

    /// <inheritdoc/>
    public override bool TryGet(string key, [NotNullWhen(true)] out ByteSource? value)
    {
        var path = _folder.Resolve(key, Name, 0);
        value = File.Exists(path) ? ByteSource.OpenFileForEachRead(path) : null;
        return value is not null;
    }

    /// <inheritdoc/>
    public override IEnumerable<string> KeysBelow(string folder)
    {
        var path = _folder.Resolve(folder, Name, 0);
        if (!Directory.Exists(path))
            return [];
        return new FileSystemEnumerable<string>(path, (ref entry) => Path.GetRelativePath(path, entry.ToFullPath()).Replace(Path.DirectorySeparatorChar, '/'), AllFiles)
        {
            ShouldIncludePredicate = (ref entry) => !entry.IsDirectory,
            // Linked folders could lead in circles.
            ShouldRecursePredicate = (ref entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        };
    }
}
