namespace CrossFormer.Checkpoints.Hub;

/// <summary>Where the Hub is and where its files are kept. The defaults are those of Python's <c>huggingface_hub</c>, so that both share one cache.</summary>
public sealed record HubOptions
{
    /// <summary>Address of the Hub. Default https://huggingface.co; variable <c>HF_ENDPOINT</c>.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>
    /// Root of the cache. Variables in this order: <c>HF_HUB_CACHE</c>; <c>HUGGINGFACE_HUB_CACHE</c>; <c>hub</c> in
    /// <c>HF_HOME</c>; <c>huggingface/hub</c> in <c>XDG_CACHE_HOME</c>, which is <c>~/.cache</c> when not set.
    /// </summary>
    public required string CacheFolder { get; init; }

    /// <summary>
    /// Access token; null: none. Sent to <see cref="Endpoint"/> only, never to a host that it redirects to. Variables in this
    /// order: <c>HF_TOKEN</c>; <c>HUGGING_FACE_HUB_TOKEN</c>; the file that <c>HF_TOKEN_PATH</c> names, <c>token</c> in
    /// <c>HF_HOME</c> when not set. <c>HF_HUB_DISABLE_IMPLICIT_TOKEN=1</c>: none.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>Only the cache is used, nothing is sent. Default false; variable <c>HF_HUB_OFFLINE</c> (1, on, yes or true).</summary>
    public bool IsOffline { get; init; }

    /// <summary>How often in a row a request may fail before it is given up, at least 1. Default 5.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Wait after a first failure; doubles with each further one, up to eight times it. A server's Retry-After goes before. Default 1 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A download from which nothing came for so long is broken off and resumed. Default 30 s.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Files that are downloaded at the same time, at least 1. Default 4.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>Reads the environment's variables.</summary>
    /// <exception cref="FormatException"><c>HF_ENDPOINT</c> is no http or https address.</exception>
    public static HubOptions FromEnvironment() => FromEnvironment(Environment.GetEnvironmentVariable);

    internal static HubOptions FromEnvironment(Func<string, string?> variable)
    {
        var home = Folder("HF_HOME") ?? Path.Combine(Folder("XDG_CACHE_HOME") ?? Path.Combine(UserFolder(), ".cache"), "huggingface");
        var options = new HubOptions
        {
            CacheFolder = Folder("HF_HUB_CACHE") ?? Folder("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub"),
            Token = IsTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN") ? null : Text("HF_TOKEN") ?? Text("HUGGING_FACE_HUB_TOKEN") ?? Read(Folder("HF_TOKEN_PATH") ?? Path.Combine(home, "token")),
            IsOffline = IsTrue("HF_HUB_OFFLINE"),
        };
        if (Text("HF_ENDPOINT") is not { } endpoint)
            return options;
        return Uri.TryCreate(endpoint.TrimEnd('/'), UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? options with { Endpoint = url }
            : throw new FormatException($"HF_ENDPOINT: expected an http or https address such as https://huggingface.co, got '{endpoint}'.");

        string? Text(string name) => variable(name)?.Trim() is { Length: > 0 } text ? text : null;
        bool IsTrue(string name) => Text(name)?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";
        string? Folder(string name) => Text(name) is not { } path ? null : Path.GetFullPath(path == "~" || path.StartsWith("~/") ? UserFolder() + path[1..] : path);
        string UserFolder() => Text("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        static string? Read(string file) => File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } token ? token : null;
    }

    /// <summary>All but the token: a record would print it.</summary>
    public override string ToString() => $"{Endpoint}, cache {CacheFolder}, {(Token is null ? "no token" : "a token")}{(IsOffline ? ", offline" : "")}";
}
