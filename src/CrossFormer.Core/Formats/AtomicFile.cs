namespace CrossFormer.Formats;

/// <summary>
/// Writes a file so that its name never stands for half of it: under a temporary name beside it, flushed to the disk, then
/// renamed. A crash at any byte leaves the old content, and at worst a file called <c>.NAME.tmp-…</c> that may be deleted.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes or replaces a file.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="write">Writes the content to the (buffered) stream. When it throws, the old file stays.</param>
    public static void Write(string path, Action<Stream> write) => Write(path, write, DurableStorage.Disk);

    /// <summary>Writes or replaces a file.</summary>
    public static void Write(string path, ReadOnlyMemory<byte> content) => Write(path, stream => stream.Write(content.Span));

    internal static void Write(string path, Action<Stream> write, DurableStorage storage)
    {
        path = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(path)!;
        var temporary = TemporaryName(path);
        try
        {
            storage.WriteFile(temporary, write);
            storage.ReplaceFile(temporary, path);
        }
        catch
        {
            storage.TryDelete(temporary);
            throw;
        }

        storage.FlushFolder(folder);
    }

    /// <summary>A hidden name beside <paramref name="path"/> that no other writer chooses.</summary>
    internal static string TemporaryName(string path) =>
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.tmp-{Guid.NewGuid():n}");
}
