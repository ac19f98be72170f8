namespace CrossFormer.Data.OpenX;

/// <summary>A file is no valid description of a dataset. Says which file, which field, what was expected and what was found.</summary>
public sealed class DatasetFileException : FormatException
{
    /// <summary>Builds the message <c>FILE, PATH: PROBLEM</c>.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="jsonPath">The field, for example <c>$.transform[0].to</c>.</param>
    /// <param name="problem">What was expected and what was found.</param>
    /// <param name="inner">The cause, when the text is no JSON at all.</param>
    public DatasetFileException(string file, string jsonPath, string problem, Exception? inner = null)
        : base($"{file}, {jsonPath}: {problem}", inner) => (File, JsonPath) = (file, jsonPath);

    /// <summary>The file's path.</summary>
    public string File { get; }

    /// <summary>The field that is wrong, for example <c>$.transform[0].to</c>.</summary>
    public string JsonPath { get; }
}
