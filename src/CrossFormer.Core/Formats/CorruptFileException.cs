namespace CrossFormer.Formats;

/// <summary>A file does not hold what its format demands. Says which file, where in it, what was expected and what was found.</summary>
public sealed class CorruptFileException : IOException
{
    /// <summary>Builds the message <c>FILE, byte OFFSET: PROBLEM</c>.</summary>
    /// <param name="file">The file's path, or what stands for it (a zip entry, a key).</param>
    /// <param name="offset">Byte offset in the file where the problem was noticed.</param>
    /// <param name="problem">What was expected and what was found.</param>
    /// <param name="inner">The cause, when another reader noticed it.</param>
    public CorruptFileException(string file, long offset, string problem, Exception? inner = null)
        : base($"{file}, byte {offset}: {problem}", inner) => (File, Offset) = (file, offset);

    /// <summary>The file's path.</summary>
    public string File { get; }

    /// <summary>Byte offset where the problem was noticed.</summary>
    public long Offset { get; }
}
