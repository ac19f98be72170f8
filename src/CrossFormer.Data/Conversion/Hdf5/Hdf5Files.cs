namespace CrossFormer.Data.Conversion.Hdf5;

/// <summary>The HDF5 files of a source, of which the one used last is open.</summary>
internal sealed class Hdf5Files : IDisposable
{
    private Hdf5File? _open;

    /// <param name="path">One file, or a folder of them (not of its subfolders).</param>
    /// <exception cref="EpisodeSourceException">The folder holds none.</exception>
    public Hdf5Files(string path)
    {
        Paths = File.Exists(path) ? [path] : [.. Find(path).Order(NaturalOrder.Instance)];
        if (Paths.Count == 0)
            throw new EpisodeSourceException(path, "", "there is no HDF5 file (.hdf5, .h5); they are expected in the folder itself, not in its subfolders");
    }

    public IReadOnlyList<string> Paths { get; }

    /// <summary>The HDF5 files in a folder.</summary>
    public static IEnumerable<string> Find(string folder) =>
        Directory.EnumerateFiles(folder).Where(f => Path.GetExtension(f) is ".hdf5" or ".h5" && !Path.GetFileName(f).StartsWith('.'));

    /// <summary>Opens a file; the one that was open before is closed.</summary>
    public Hdf5File Open(string path)
    {
        if (_open?.FullPath != path)
        {
            Dispose();
            _open = Hdf5File.Open(path);
        }

        return _open!;
    }

    public void Dispose()
    {
        _open?.Dispose();
        _open = null;
    }
}
