using System.Text.Json;

namespace CrossFormer.Formats;

/// <summary>Reads the JSON that describes arrays; whatever is wrong with it ends in a <see cref="CorruptFileException"/>.</summary>
internal static class JsonMetadata
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>Parses <paramref name="json"/> and builds <typeparamref name="T"/> from its root.</summary>
    public static T Parse<T>(ReadOnlyMemory<byte> json, ByteSource source, Func<JsonElement, T> build)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? build(document.RootElement)
                : throw source.Corrupt(0, $"expected a JSON object, found {document.RootElement.ValueKind}");
        }
        catch (JsonException e)
        {
            throw source.Corrupt(0, $"not JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            // What JsonElement throws for a value of another kind, text that is no Unicode, and a name that is missing.
            throw source.Corrupt(0, $"JSON of another form than expected: {e.Message}", e);
        }
    }

    /// <summary>The property of that name, when present and not null.</summary>
    public static JsonElement? Optional(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The property of that name.</summary>
    /// <exception cref="KeyNotFoundException">It is missing or null; caught by <see cref="Parse"/>.</exception>
    public static JsonElement Required(this JsonElement element, string name) =>
        element.Optional(name) ?? throw new KeyNotFoundException($"expected a property '{name}'");

    /// <summary>Text of the property of that name.</summary>
    public static string Text(this JsonElement element, string name) => element.Required(name).GetString()!;

    /// <summary>An array of whole numbers, at most <see cref="ArrayShape.MaxRank"/>.</summary>
    public static long[] Integers(this JsonElement element, string name)
    {
        var list = element.Required(name);
        return list.GetArrayLength() <= ArrayShape.MaxRank
            ? [.. list.EnumerateArray().Select(e => e.GetInt64())]
            : throw new FormatException($"expected at most {ArrayShape.MaxRank} numbers in '{name}', found {list.GetArrayLength()}");
    }
}
