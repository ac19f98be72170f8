using System.Text.Json;
using CrossFormer.Formats;

namespace CrossFormer.Data.Rlds;

/// <summary>A value of a dataset's JSON file that knows where it stands, so that every complaint names file and path.</summary>
internal readonly struct JsonValue
{
    private readonly JsonElement _element;
    private readonly string _file;
    private readonly string _path;

    private JsonValue(JsonElement element, string file, string path) => (_element, _file, _path) = (element, file, path);

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="CorruptFileException">The file is no JSON object.</exception>
    public static JsonValue ReadFile(string file) => Read(File.ReadAllBytes(file), file);

    /// <summary>Reads a text that comes from a file, for example one line of it.</summary>
    /// <param name="bytes">UTF-8.</param>
    /// <param name="file">What to call the file in errors.</param>
    /// <exception cref="CorruptFileException">It is no JSON object.</exception>
    public static JsonValue Read(byte[] bytes, string file)
    {
        try
        {
            var root = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 256 }).RootElement;
            var value = new JsonValue(root, file, "$");
            return root.ValueKind == JsonValueKind.Object ? value : throw value.Wrong("an object");
        }
        catch (JsonException e)
        {
            var line = (int)(e.LineNumber ?? 0);
            long offset = e.BytePositionInLine ?? 0;
            for (var i = 0; i < bytes.Length && line > 0; i++)
            {
                offset++;
                if (bytes[i] == '\n')
                    line--;
            }

            throw new CorruptFileException(file, Math.Min(offset, bytes.Length), $"malformed JSON ({e.Message})", e);
        }
    }

    public bool IsObject => _element.ValueKind == JsonValueKind.Object;

    /// <summary>A member that may be absent; JSON null counts as absent.</summary>
    public JsonValue? Optional(string name) =>
        _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? new JsonValue(value, _file, $"{_path}.{name}")
            : null;

    /// <summary>A member that must be there.</summary>
    public JsonValue this[string name] => Optional(name) ?? throw Error($"expected a member '{name}'");

    /// <summary>The members of an object, in file order.</summary>
    public IEnumerable<(string Name, JsonValue Value)> Members()
    {
        if (_element.ValueKind != JsonValueKind.Object)
            throw Wrong("an object");
        foreach (var member in _element.EnumerateObject())
        {
            var name = Unicode(() => member.Name);
            yield return (name, new JsonValue(member.Value, _file, $"{_path}.{name}"));
        }
    }

    /// <summary>The items of an array.</summary>
    public IEnumerable<JsonValue> Items()
    {
        if (_element.ValueKind != JsonValueKind.Array)
            throw Wrong("an array");
        var i = 0;
        foreach (var item in _element.EnumerateArray())
            yield return new JsonValue(item, _file, $"{_path}[{i++}]");
    }

    public string Text() => _element.ValueKind == JsonValueKind.String ? Unicode(_element.GetString)! : throw Wrong("a string");

    /// <summary>An integer, written as a number or, as proto3 JSON does, as a string; null as −1 (unknown).</summary>
    public int Int32()
    {
        var parsed = _element.ValueKind switch
        {
            JsonValueKind.Null => -1,
            JsonValueKind.Number when _element.TryGetInt32(out var n) => n,
            JsonValueKind.String when int.TryParse(Unicode(_element.GetString), out var n) => n,
            _ => throw Wrong("an integer"),
        };
        return parsed >= -1 ? parsed : throw Error($"expected −1 or more, found {parsed}");
    }

    public bool IsArray => _element.ValueKind == JsonValueKind.Array;

    public bool IsText => _element.ValueKind == JsonValueKind.String;

    public bool IsNumber => _element.ValueKind == JsonValueKind.Number;

    public bool Bool() => _element.ValueKind is JsonValueKind.True or JsonValueKind.False ? _element.GetBoolean() : throw Wrong("true or false");

    /// <summary>A number; one beyond float64's range is infinite.</summary>
    public double Double() => _element.ValueKind == JsonValueKind.Number ? _element.GetDouble() : throw Wrong("a number");

    // JsonDocument checks a string's bytes and escapes only when it is asked for it.
    private string Unicode(Func<string?> read)
    {
        try
        {
            return read()!;
        }
        catch (InvalidOperationException)
        {
            throw Error("text that is no valid Unicode");
        }
    }

    public CorruptFileException Error(string problem) => new(_file, 0, $"{_path}: {problem}");

    private CorruptFileException Wrong(string expected)
    {
        var text = Unicode(_element.GetRawText);
        return Error($"expected {expected}, found {(text.Length > 60 ? text[..60] + "…" : text)}");
    }
}
