namespace CrossFormer.Data.Conversion;

/// <summary>A recorded episode is not as its format demands. The message says which file, which part of it, what was expected and what was found.</summary>
public sealed class EpisodeSourceException : IOException
{
    /// <summary>Builds the message <c>FILE, PART: PROBLEM</c>.</summary>
    /// <param name="file">The file or folder.</param>
    /// <param name="part">A column, a dataset, an episode; empty when the whole file is meant.</param>
    /// <param name="problem">What was expected, what was found, what to do.</param>
    /// <param name="inner">The cause, when another reader noticed it.</param>
    public EpisodeSourceException(string file, string part, string problem, Exception? inner = null)
        : base(part.Length > 0 ? $"{file}, {part}: {problem}" : $"{file}: {problem}", inner) => (File, Part) = (file, part);

    /// <summary>The file or folder.</summary>
    public string File { get; }

    /// <summary>The part of it; may be empty.</summary>
    public string Part { get; }
}
