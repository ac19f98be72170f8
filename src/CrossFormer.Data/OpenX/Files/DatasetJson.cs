using System.Text.Encodings.Web;
using System.Text.Json;

namespace CrossFormer.Data.OpenX;

/// <summary>A value of a dataset file that knows where it stands: every complaint names file, JSON path, what was expected and what was found.</summary>
internal readonly struct DatasetJson
{
    private readonly JsonElement _element;
    private readonly string _file;

    private DatasetJson(JsonElement element, string file, string path) => (_element, _file, Path) = (element, file, path);

    /// <summary>One line, and no escapes that a reader of it does not need.</summary>
    public static JsonSerializerOptions Compact { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Path { get; }

    public bool IsNull => _element.ValueKind == JsonValueKind.Null;

    public bool IsText => _element.ValueKind == JsonValueKind.String;

    public bool IsEmptyText => IsText && _element.ValueEquals("");

    public bool IsObject => _element.ValueKind == JsonValueKind.Object;

    /// <summary>JSON with comments and trailing commas.</summary>
    public static DatasetJson Parse(ReadOnlyMemory<byte> utf8, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(
                utf8.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? utf8[3..] : utf8,
                new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false });
            return new DatasetJson(document.RootElement.Clone(), file, "$");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException is what System.Text.Json says to half a surrogate pair in an escaped name.
            throw new DatasetFileException(file, "$", $"no valid JSON text ({e.Message})", e);
        }
    }

    /// <summary>A field; null when it is absent.</summary>
    public DatasetJson? Optional(string name) => _element.TryGetProperty(name, out var value) ? Child(value, $".{name}") : null;

    public DatasetJson Required(string name) => Optional(name) ?? throw Problem($"'{name}' is missing");

    public IEnumerable<(string Name, DatasetJson Value)> Members()
    {
        if (!IsObject)
            throw Expected("an object");
        foreach (var member in _element.EnumerateObject())
        {
            var name = NameOf(member);
            yield return (name, Child(member.Value, $".{name}"));
        }
    }

    public IReadOnlyList<DatasetJson> Items()
    {
        if (_element.ValueKind != JsonValueKind.Array)
            throw Expected("a list");
        var items = new List<DatasetJson>();
        foreach (var item in _element.EnumerateArray())
            items.Add(Child(item, $"[{items.Count}]"));
        return items;
    }

    public string Text()
    {
        try
        {
            return IsText && _element.GetString() is { Length: > 0 } text ? text : throw Expected("a text that is not empty");
        }
        catch (InvalidOperationException e)
        {
            throw new DatasetFileException(_file, Path, "text that is no valid Unicode", e);
        }
    }

    /// <summary>A text, or null for JSON's null.</summary>
    public string? TextOrNull() => IsNull ? null : IsText ? Text() : throw Expected("a text or null");

    public bool Truth() => _element.ValueKind is JsonValueKind.True or JsonValueKind.False ? _element.GetBoolean() : throw Expected("true or false");

    public int Integer(int minimum, int maximum) =>
        _element.ValueKind == JsonValueKind.Number && _element.TryGetInt32(out var value) && value >= minimum && value <= maximum
            ? value : throw Expected($"an integer from {minimum} to {maximum}");

    public double Number(double minimum, double maximum) =>
        _element.ValueKind == JsonValueKind.Number && _element.TryGetDouble(out var value) && value >= minimum && value <= maximum
            ? value : throw Expected(minimum <= -float.MaxValue ? "a number" : $"a number from {minimum} to {maximum}");

    public double Divisor() => Number(-double.MaxValue, double.MaxValue) is var divisor && divisor != 0 ? divisor : throw Expected("a number other than 0");

    public T Choice<T>(IEnumerable<(string Name, T Value)> choices)
    {
        foreach (var (name, value) in choices)
        {
            if (IsText && _element.ValueEquals(name))
                return value;
        }

        throw Expected("one of " + string.Join(", ", choices.Select(c => $"\"{c.Name}\"")));
    }

    /// <summary>Refuses every field but these.</summary>
    public void Only(params ReadOnlySpan<string> fields)
    {
        foreach (var (name, value) in Members())
        {
            if (!fields.Contains(name))
                throw value.Problem($"unknown field; expected one of {string.Join(", ", fields!)}");
        }
    }

    public DatasetFileException Problem(string problem) => new(_file, Path, problem);

    public DatasetFileException Expected(string expected)
    {
        var text = _element.GetRawText();
        return Problem($"expected {expected}, found {(text.Length > 60 ? text[..60] + "…" : text)}");
    }

    private string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new DatasetFileException(_file, Path, "a name that is no valid Unicode", e);
        }
    }

    private DatasetJson Child(JsonElement value, string suffix) => new(value, _file, Path + suffix);
}
