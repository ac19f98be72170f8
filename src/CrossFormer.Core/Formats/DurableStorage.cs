using System.Runtime.InteropServices;

namespace CrossFormer.Formats;

/// <summary>
/// The steps of an atomic write, each of which may be the last before the power fails. Tests put a storage in its place that
/// fails at a chosen step.
/// </summary>
internal partial class DurableStorage
{
    private const int BufferBytes = 1 << 18;
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint ExchangeNames = 2; // RENAME_EXCHANGE

    public static DurableStorage Disk { get; } = new();

    public virtual void CreateFolder(string path) => Directory.CreateDirectory(path);

    /// <summary>Creates a file, lets <paramref name="write"/> fill it, and waits until the disk has it.</summary>
    public virtual void WriteFile(string path, Action<Stream> write)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        using (var buffered = new BufferedStream(Wrap(file), BufferBytes))
        {
            write(buffered);
            buffered.Flush();
            file.Flush(flushToDisk: true);
        }
    }

    /// <summary>What stands between the buffer and the file; tests count writes here.</summary>
    protected virtual Stream Wrap(FileStream file) => file;

    public virtual void ReplaceFile(string source, string target) => File.Move(source, target, overwrite: true);

    /// <summary>Gives the folder <paramref name="source"/> the name <paramref name="target"/>; a folder of that name gets the other's name.</summary>
    public virtual void ReplaceFolder(string source, string target)
    {
        if (!Directory.Exists(target))
        {
            Directory.Move(source, target);
            return;
        }

        if (OperatingSystem.IsLinux() && RenameAt(CurrentFolder, source, CurrentFolder, target, ExchangeNames) == 0)
            return;
        // No exchange on this system: between these two lines a crash leaves the old folder under its new, hidden name.
        var old = AtomicFile.TemporaryName(target);
        Directory.Move(target, old);
        Directory.Move(source, target);
        Directory.Move(old, source);
    }

    /// <summary>Waits until the disk has the folder's names. Windows has no such call and needs none.</summary>
    public virtual void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(path, 0);
        if (descriptor < 0)
            throw new IOException($"Cannot open the folder {path} to flush it (error {Marshal.GetLastPInvokeError()}).");
        // Some network file systems cannot flush folders; the rename is as durable there as they make it.
        _ = Flush(descriptor);
        _ = Close(descriptor);
    }

    /// <summary>Clears up after a failure, as far as possible: the failure itself is what the caller must hear of.</summary>
    public virtual void TryDelete(string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            else
                File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt(int sourceFolder, string source, int targetFolder, string target, uint flags);
}
