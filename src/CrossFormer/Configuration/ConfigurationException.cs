namespace CrossFormer.Configuration;

/// <summary>A configuration does not say what it must. Names the JSON path, what was expected and what was found.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>Builds the message <c>PATH: PROBLEM</c>.</summary>
    /// <param name="path">JSON path, for example <c>$.model.heads.nav.kwargs.action_dim</c>.</param>
    /// <param name="problem">What was expected and what was found.</param>
    /// <param name="inner">The cause.</param>
    public ConfigurationException(string path, string problem, Exception? inner = null) : base($"{path}: {problem}", inner) => Path = path;

    /// <summary>JSON path of the field.</summary>
    public string Path { get; }
}
