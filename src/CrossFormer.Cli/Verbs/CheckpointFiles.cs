using System.Diagnostics;
using System.Runtime.InteropServices;
using CrossFormer.Checkpoints;

namespace CrossFormer.Cli.Verbs;

/// <summary>The files that hold a step's parameters, to measure how fast the disk gives them.</summary>
internal sealed partial class CheckpointFiles
{
    private const int BufferBytes = 4 << 20;
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED
    private readonly List<string> _files;

    private CheckpointFiles(List<string> files)
    {
        _files = files;
        foreach (var file in files)
        {
            using var handle = File.OpenHandle(file);
            Bytes += RandomAccess.GetLength(handle);
        }
    }

    /// <summary>Sum of the lengths.</summary>
    public long Bytes { get; }

    /// <summary>The files of what <paramref name="directory"/> has opened.</summary>
    public static CheckpointFiles Of(OrbaxDirectory directory, CheckpointParameters parameters, string opened)
    {
        if (parameters.Form == CheckpointForm.Safetensors)
            return new([File.Exists(opened) ? opened : Directory.GetFiles(directory.Root, "*.safetensors") is [var only] ? only : Path.Combine(directory.Root, "model.safetensors")]);
        // A step folder is named by its number, or is what was opened itself.
        var step = new[] { Path.Combine(directory.Root, $"{parameters.Step}"), Path.GetFullPath(opened) }.First(Directory.Exists);
        return new([.. Directory.EnumerateFiles(step, "*", SearchOption.AllDirectories).Order()]);
    }

    /// <summary>Reads all bytes from end to end, and drops them.</summary>
    /// <returns>How long it took.</returns>
    public TimeSpan ReadThrough(CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        var watch = Stopwatch.StartNew();
        foreach (var path in _files)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            while (file.Read(buffer) > 0)
                cancellation.ThrowIfCancellationRequested();
        }

        return watch.Elapsed;
    }

    /// <summary>Asks the system to forget the files' content, so that the next reading comes from the disk.</summary>
    /// <returns>Whether it can be asked.</returns>
    public bool Evict()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        foreach (var path in _files)
        {
            using var handle = File.OpenHandle(path);
            // Pages that are not written yet would stay.
            RandomAccess.FlushToDisk(handle);
            if (Advise(handle.DangerousGetHandle(), 0, 0, DontNeed) != 0)
                return false;
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(nint descriptor, long offset, long length, int advice);
}
