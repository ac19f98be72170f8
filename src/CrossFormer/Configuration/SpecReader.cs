using System.Text.Json;
using System.Text.Json.Nodes;

namespace CrossFormer.Configuration;

/// <summary>
/// Reads one JSON object field by field, with the path in every error, and refuses what nobody asked for. Python's
/// configurations write numbers loosely: <c>1.0</c> is accepted where an integer is meant, <c>null</c> where a default is.
/// </summary>
internal sealed class SpecReader
{
    private readonly JsonObject _object;
    private readonly HashSet<string> _read = [];

    public SpecReader(JsonNode? node, string path)
    {
        Path = path;
        _object = node as JsonObject ?? throw new ConfigurationException(path, $"expected an object, found {Describe(node)}");
    }

    public string Path { get; }

    public int Integer(string name, int? otherwise = null, int min = int.MinValue)
    {
        var value = Number(name, otherwise);
        if (value != Math.Floor(value) || value < min || value > int.MaxValue)
            throw Wrong(name, min == int.MinValue ? "a whole number" : $"a whole number of at least {min}");
        return (int)value;
    }

    public double Number(string name, double? otherwise = null)
    {
        var node = Take(name);
        if (node is null)
            return otherwise ?? throw Missing(name, "a number");
        return node is JsonValue v && v.GetValueKind() == JsonValueKind.Number ? v.GetValue<double>() : throw Wrong(name, "a number");
    }

    public bool Flag(string name, bool? otherwise = null)
    {
        var node = Take(name);
        if (node is null)
            return otherwise ?? throw Missing(name, "true or false");
        return node.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => throw Wrong(name, "true or false") };
    }

    public string Text(string name, string? otherwise = null)
    {
        var node = Take(name);
        if (node is null)
            return otherwise ?? throw Missing(name, "a string");
        return node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : throw Wrong(name, "a string");
    }

    public string? OptionalText(string name) => _object[name] is null ? Ignore(name) : Text(name);

    public T Choice<T>(string name, T otherwise, params (string Name, T Value)[] choices)
    {
        if (_object[name] is null)
        {
            Ignore(name);
            return otherwise;
        }

        var text = Text(name);
        foreach (var choice in choices)
        {
            if (choice.Name == text)
                return choice.Value;
        }

        throw Wrong(name, $"one of {string.Join(", ", choices.Select(c => c.Name))}");
    }

    public int[] Integers(string name, int[]? otherwise = null) =>
        List(name, otherwise, "a list of whole numbers", n => n?.GetValueKind() == JsonValueKind.Number && n.GetValue<double>() is var d && d == Math.Floor(d) && Math.Abs(d) <= int.MaxValue ? (int)d : null);

    public string[] Texts(string name, string[]? otherwise = null)
    {
        // Python takes a lone string for a sequence of characters; a list was meant.
        var node = Take(name);
        if (node is null)
            return otherwise ?? throw Missing(name, "a list of strings");
        return node is JsonArray a && a.All(n => n?.GetValueKind() == JsonValueKind.String) ? [.. a.Select(n => n!.GetValue<string>())] : throw Wrong(name, "a list of strings");
    }

    public SpecReader Object(string name) => new(Take(name) ?? throw Missing(name, "an object"), $"{Path}.{name}");

    /// <summary>The members of an object-valued field, in file order.</summary>
    public IEnumerable<(string Name, JsonNode? Node, string Path)> Members(string name)
    {
        var members = Take(name) as JsonObject ?? throw Missing(name, "an object");
        return members.Select(m => (m.Key, m.Value, $"{Path}.{name}.{m.Key}"));
    }

    public JsonNode? Node(string name) => Take(name);

    /// <summary>Refuses fields that were not read.</summary>
    public void Finish()
    {
        var extra = _object.Select(m => m.Key).Where(k => !_read.Contains(k)).ToArray();
        if (extra.Length > 0)
            throw new ConfigurationException($"{Path}.{extra[0]}", $"unknown field; known here: {string.Join(", ", _read.Order())}");
    }

    private int[] List(string name, int[]? otherwise, string expected, Func<JsonNode?, int?> read)
    {
        var node = Take(name);
        if (node is null)
            return otherwise ?? throw Missing(name, expected);
        if (node is not JsonArray array)
            throw Wrong(name, expected);
        return [.. array.Select(n => read(n) ?? throw Wrong(name, expected))];
    }

    private string? Ignore(string name)
    {
        _read.Add(name);
        return null;
    }

    private JsonNode? Take(string name)
    {
        _read.Add(name);
        return _object[name];
    }

    private ConfigurationException Missing(string name, string expected) => new($"{Path}.{name}", $"expected {expected}, found nothing");

    private ConfigurationException Wrong(string name, string expected) => new($"{Path}.{name}", $"expected {expected}, found {Describe(_object[name])}");

    private static string Describe(JsonNode? node)
    {
        var text = node?.ToJsonString() ?? "null";
        return text.Length <= 80 ? text : text[..77] + "…";
    }
}
