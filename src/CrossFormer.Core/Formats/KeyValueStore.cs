using System.Diagnostics.CodeAnalysis;

namespace CrossFormer.Formats;

/// <summary>Named values, as Zarr wants them: the files of a folder (<see cref="FolderStore"/>) or an OCDBT database (<see cref="OcdbtStore"/>).</summary>
public abstract class KeyValueStore
{
    private protected KeyValueStore(string name) => Name = name;

    /// <summary>What to call the store in errors: its folder.</summary>
    public string Name { get; }

    /// <summary>Looks a value up.</summary>
    /// <param name="key">Segments joined by '/', for example <c>heads_nav.mean_proj.bias/.zarray</c>.</param>
    /// <param name="value">The value, not read yet.</param>
    /// <exception cref="CorruptFileException">The key, or where the value is said to lie, leaves the store's folder.</exception>
    public abstract bool TryGet(string key, [NotNullWhen(true)] out ByteSource? value);

    /// <summary>All keys below <paramref name="folder"/>, without its name and the '/' after it, in no particular order.</summary>
    public abstract IEnumerable<string> KeysBelow(string folder);
}
