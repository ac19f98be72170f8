using Microsoft.Win32.SafeHandles;

namespace CrossFormer.Formats;

/// <summary>
/// Bytes that can be read at any position: a file, a part of one, or memory. Reading past the end is a
/// <see cref="CorruptFileException"/>, for in every format here it means that something promised more than there is.
/// Safe to read from several threads.
/// </summary>
public abstract class ByteSource
{
    private protected ByteSource(string name, long length) => (Name, Length) = (name, length);

    /// <summary>What to call the source in errors: a path.</summary>
    public string Name { get; }

    /// <summary>Number of bytes.</summary>
    public long Length { get; }

    /// <summary>
    /// Opens a file for reading. It is closed when no reader and no array of it is reachable any more: whoever holds a leaf
    /// can read it, whatever happens to the file's name meanwhile.
    /// </summary>
    public static ByteSource OpenFile(string path)
    {
        var handle = OpenHandle(path);
        return new FileBytes(path, handle, RandomAccess.GetLength(handle));
    }

    /// <summary>As <see cref="OpenFile"/>, but opened anew for each read: for the many small files of a folder, which would exhaust the process's handles.</summary>
    internal static ByteSource OpenFileForEachRead(string path)
    {
        using var handle = OpenHandle(path);
        return new UnheldFileBytes(path, RandomAccess.GetLength(handle));
    }

    /// <summary>Wraps bytes in memory, called <paramref name="name"/> in errors.</summary>
    public static ByteSource FromMemory(ReadOnlyMemory<byte> bytes, string name) => new MemoryBytes(bytes, name);

    /// <summary>The part of this source that starts at <paramref name="offset"/>.</summary>
    /// <exception cref="CorruptFileException">The part does not lie inside the source.</exception>
    public ByteSource Slice(long offset, long length)
    {
        CheckRange(offset, length);
        return new Part(this, offset, length);
    }

    /// <summary>Fills <paramref name="destination"/> with the bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="CorruptFileException">The source ends before.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        ReadCore(offset, destination);
    }

    /// <summary>All bytes; for the small things only (nodes, metadata).</summary>
    /// <param name="limit">More than this is refused as absurd.</param>
    /// <exception cref="CorruptFileException">The source is longer than <paramref name="limit"/>.</exception>
    public byte[] ReadAll(int limit = int.MaxValue - 64)
    {
        if (Length > limit)
            throw Corrupt(0, $"expected at most {limit} bytes, found {Length}");
        var bytes = new byte[Length];
        Read(0, bytes);
        return bytes;
    }

    /// <summary>An error about this source; <paramref name="offset"/> counts from its first byte, the message from the file's.</summary>
    public virtual CorruptFileException Corrupt(long offset, string problem, Exception? inner = null) => new(Name, offset, problem, inner);

    // Sharing everything takes no lock: whoever writes checkpoints need not wait until a reader is collected.
    // Not FileOptions.RandomAccess: most readers go through a file in order, and without the system's reading ahead a cold
    // checkpoint of 519 MB comes at a third of the speed.
    private static SafeFileHandle OpenHandle(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static void ReadFile(string name, SafeFileHandle handle, long offset, Span<byte> destination)
    {
        for (var filled = 0; filled < destination.Length;)
        {
            var n = RandomAccess.Read(handle, destination[filled..], offset + filled);
            if (n == 0)
                throw new CorruptFileException(name, offset + filled, "the file became shorter while it was read");
            filled += n;
        }
    }

    /// <summary>Reads a range that was checked.</summary>
    private protected abstract void ReadCore(long offset, Span<byte> destination);

    private void CheckRange(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > Length || length > Length - offset)
            throw Corrupt(Math.Clamp(offset, 0, Length), $"expected {length} bytes at {offset}, but there are only {Length} in all");
    }

    private sealed class FileBytes(string path, SafeFileHandle handle, long length) : ByteSource(path, length)
    {
        private protected override void ReadCore(long offset, Span<byte> destination) => ReadFile(Name, handle, offset, destination);
    }

    private sealed class UnheldFileBytes(string path, long length) : ByteSource(path, length)
    {
        private protected override void ReadCore(long offset, Span<byte> destination)
        {
            using var handle = OpenHandle(Name);
            ReadFile(Name, handle, offset, destination);
        }
    }

    private sealed class MemoryBytes(ReadOnlyMemory<byte> bytes, string name) : ByteSource(name, bytes.Length)
    {
        private protected override void ReadCore(long offset, Span<byte> destination) =>
            bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);
    }

    private sealed class Part(ByteSource whole, long start, long length) : ByteSource(whole.Name, length)
    {
        public override CorruptFileException Corrupt(long offset, string problem, Exception? inner = null) => whole.Corrupt(start + offset, problem, inner);

        private protected override void ReadCore(long offset, Span<byte> destination) => whole.Read(start + offset, destination);
    }
}
