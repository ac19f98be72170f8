using System.Text.Json;

namespace CrossFormer.Policies;

/// <summary>
/// An object of a profile, field by field: knows its JSON path, refuses fields that nobody asked for, and says in every
/// error what was expected and what was found.
/// </summary>
internal sealed class JsonFields
{
    private readonly JsonElement _element;
    private readonly string _file;
    private readonly HashSet<string> _known = [];

    public JsonFields(JsonElement element, string path, string file)
    {
        (_element, Path, _file) = (element, path, file);
        if (element.ValueKind != JsonValueKind.Object)
            throw Expected("", "an object", element);
    }

    public string Path { get; }

    public string Text(string field) => Required(field) is var e && e.ValueKind == JsonValueKind.String && e.GetString() is { Length: > 0 } text
        ? text
        : throw Expected("." + field, "a text that is not empty", e);

    public int Integer(string field, int? missing, int minimum, int maximum) =>
        Optional(field) is not { } e ? missing ?? throw Missing(field)
        : e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out var value) && value >= minimum && value <= maximum ? value
        : throw Expected("." + field, $"an integer from {minimum} to {maximum}", e);

    public double Number(string field, double? missing, bool positive) =>
        Optional(field) is not { } e ? missing ?? throw Missing(field)
        : e.ValueKind == JsonValueKind.Number && e.TryGetDouble(out var value) && double.IsFinite(value) && (!positive || value > 0) ? value
        : throw Expected("." + field, positive ? "a positive number" : "a finite number", e);

    /// <summary>A float32, or null when the field is absent.</summary>
    public float? Single(string field, bool positive)
    {
        if (Optional(field) is not { } e)
            return null;
        var value = (float)Number(field, null, positive);
        return float.IsFinite(value) && (!positive || value > 0) ? value : throw Expected("." + field, "a float32 number", e);
    }

    public T Choice<T>(string field, T? missing, params (string Name, T Value)[] choices) where T : struct
    {
        if (Optional(field) is not { } e)
            return missing ?? throw Missing(field);
        foreach (var (name, value) in choices)
        {
            if (e.ValueKind == JsonValueKind.String && e.ValueEquals(name))
                return value;
        }

        throw Expected("." + field, "one of " + string.Join(", ", choices.Select(c => $"\"{c.Name}\"")), e);
    }

    public List<T> List<T>(string field, bool required, Func<JsonFields, T> read)
    {
        var items = new List<T>();
        if (Optional(field) is not { } array)
            return required ? throw Missing(field) : items;
        if (array.ValueKind != JsonValueKind.Array)
            throw Expected("." + field, "a list", array);
        foreach (var item in array.EnumerateArray())
        {
            var fields = new JsonFields(item, $"{Path}.{field}[{items.Count}]", _file);
            items.Add(read(fields));
            fields.RefuseUnknown();
        }

        return items;
    }

    public T? Object<T>(string field, Func<JsonFields, T> read) where T : class
    {
        if (Optional(field) is not { } e)
            return null;
        var fields = new JsonFields(e, $"{Path}.{field}", _file);
        var value = read(fields);
        fields.RefuseUnknown();
        return value;
    }

    /// <summary>Call when every field has been read.</summary>
    public void RefuseUnknown()
    {
        foreach (var property in _element.EnumerateObject())
        {
            if (!_known.Contains(property.Name))
                throw Problem("." + property.Name, $"unknown field; expected one of {string.Join(", ", _known)}");
        }
    }

    public EmbodimentProfileException Problem(string suffix, string problem) => new(_file, Path + suffix, problem);

    private JsonElement Required(string field) => Optional(field) ?? throw Missing(field);

    private JsonElement? Optional(string field)
    {
        _known.Add(field);
        return _element.TryGetProperty(field, out var value) ? value : null;
    }

    // An unknown field beside a missing one is most likely a misspelling of it: name both.
    private EmbodimentProfileException Missing(string field) =>
        Problem("." + field, $"missing; found {string.Join(", ", _element.EnumerateObject().Select(p => p.Name))}");

    private EmbodimentProfileException Expected(string suffix, string expected, JsonElement found)
    {
        var text = found.GetRawText();
        return Problem(suffix, $"expected {expected}, found {(text.Length <= 60 ? text : text[..60] + "…")}");
    }
}
