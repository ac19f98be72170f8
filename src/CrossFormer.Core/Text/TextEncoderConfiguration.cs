using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrossFormer.Text;

/// <summary>Which text encoder to use. Beside <see cref="Kind"/> each kind has its own fields; others are refused.</summary>
public sealed record TextEncoderConfiguration
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>The kind of encoder.</summary>
    [JsonRequired]
    public TextEncoderKind Kind { get; init; }

    /// <summary>table: the safetensors file; onnx: the folder. Relative paths start at the folder given to <see cref="Create"/>.</summary>
    public string? Path { get; init; }

    /// <summary>command: the executable and its arguments.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>http: the endpoint.</summary>
    public Uri? Url { get; init; }

    /// <summary>Length of the vectors. command, http: required; table, onnx: checked against the file if given.</summary>
    public int? Dimension { get; init; }

    /// <summary>command, http: seconds for one text, the program's start included. Default 60.</summary>
    public double? TimeoutSeconds { get; init; }

    /// <summary>command: whether the program serves many texts. Default true.</summary>
    public bool? KeepAlive { get; init; }

    /// <summary>Texts remembered, at least 0. Default 1024 (0 for a table, which is a memory itself).</summary>
    public int? CacheSize { get; init; }

    /// <summary>Reads a configuration.</summary>
    /// <exception cref="JsonException">Malformed; an unknown field or kind; a field of another kind; a missing field. Names the JSON path.</exception>
    public static TextEncoderConfiguration Parse(string json)
    {
        try
        {
            var configuration = JsonSerializer.Deserialize<TextEncoderConfiguration>(json, Options) ?? throw new JsonException("A text encoder is an object, not null. Path: $.");
            configuration.Validate();
            return configuration;
        }
        catch (JsonException e) when (e.Path == "$.kind" && e.InnerException is null && !e.Message.StartsWith('$'))
        {
            throw Invalid("kind", "is none of table, onnx, command, http");
        }
    }

    /// <summary>The configuration as JSON that <see cref="Parse"/> reads.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>Makes the encoder.</summary>
    /// <param name="baseFolder">Where relative paths start; by default the current folder.</param>
    /// <exception cref="JsonException">The configuration contradicts itself or the file's dimension.</exception>
    /// <exception cref="IOException">The file is missing or malformed.</exception>
    public ITextEncoder Create(string? baseFolder = null)
    {
        Validate();
        var path = Path is null ? "" : System.IO.Path.Combine(baseFolder ?? "", Path);
        var timeout = TimeSpan.FromSeconds(TimeoutSeconds ?? 60);
        ITextEncoder encoder = Kind switch
        {
            TextEncoderKind.Table => EmbeddingTable.Load(path),
            TextEncoderKind.Onnx => new OnnxSentenceEncoder(path),
            TextEncoderKind.Command => new CommandTextEncoder(Command!, Dimension!.Value, timeout, KeepAlive ?? true),
            _ => new HttpTextEncoder(Url!, Dimension!.Value, timeout),
        };
        if (Dimension is { } dimension && dimension != encoder.Dimension)
        {
            var found = encoder.Dimension;
            encoder.Dispose();
            throw Invalid("dimension", $"is {dimension}, but {path} gives vectors of {found}");
        }

        var cacheSize = CacheSize ?? (Kind == TextEncoderKind.Table ? 0 : 1024);
        return cacheSize == 0 ? encoder : new CachedTextEncoder(encoder, cacheSize);
    }

    private void Validate()
    {
        var isFile = Kind is TextEncoderKind.Table or TextEncoderKind.Onnx;
        Field("path", !string.IsNullOrEmpty(Path), required: isFile, allowed: isFile);
        Field("command", Command is { Count: > 0 }, required: Kind == TextEncoderKind.Command, allowed: Kind == TextEncoderKind.Command);
        Field("url", Url is not null, required: Kind == TextEncoderKind.Http, allowed: Kind == TextEncoderKind.Http);
        Field("dimension", Dimension is not null, required: !isFile, allowed: true);
        Field("timeout_seconds", TimeoutSeconds is not null, required: false, allowed: !isFile);
        Field("keep_alive", KeepAlive is not null, required: false, allowed: Kind == TextEncoderKind.Command);
        if (Dimension < 1)
            throw Invalid("dimension", $"is {Dimension}, expected at least 1");
        // The upper end is a day: beyond int.MaxValue milliseconds waiting fails.
        if (TimeoutSeconds is not (null or (> 0 and <= 86400)))
            throw Invalid("timeout_seconds", $"is {TimeoutSeconds}, expected more than 0 and at most 86400");
        if (CacheSize < 0)
            throw Invalid("cache_size", $"is {CacheSize}, expected at least 0");
        if (Url is not null && !(Url.IsAbsoluteUri && Url.Scheme is "http" or "https"))
            throw Invalid("url", $"is '{Url}', expected an http or https address");
    }

    private void Field(string name, bool present, bool required, bool allowed)
    {
        var kind = JsonNamingPolicy.SnakeCaseLower.ConvertName(Kind.ToString());
        if (required && !present)
            throw Invalid(name, $"is missing; a text encoder of kind '{kind}' needs it");
        if (present && !allowed)
            throw Invalid(name, $"does not belong to a text encoder of kind '{kind}'");
    }

    private static JsonException Invalid(string name, string problem) => new($"$.{name} {problem}.", $"$.{name}", null, null);
}
