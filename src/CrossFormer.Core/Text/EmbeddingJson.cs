using System.Text.Json;

namespace CrossFormer.Text;

/// <summary>The JSON that external encoders speak.</summary>
internal static class EmbeddingJson
{
    /// <summary><c>{"text": "…"}</c> in one line of ASCII, so that neither locale nor line ends matter.</summary>
    public static byte[] Request(string text) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["text"] = text });

    /// <summary>The most bytes that an answer of <paramref name="dimension"/> numbers may have, white space and digits to spare.</summary>
    public static int MaxBytes(int dimension) => checked(4096 + (64 * dimension));

    /// <summary>Reads a JSON array of exactly <paramref name="dimension"/> finite numbers.</summary>
    /// <exception cref="TextEncoderException">It is none.</exception>
    public static float[] Vector(JsonElement element, int dimension, string encoder)
    {
        if (element.ValueKind != JsonValueKind.Array)
            throw new TextEncoderException(encoder, $"expected an array of {dimension} numbers, got {Shorten(element.GetRawText())}");
        if (element.GetArrayLength() != dimension)
            throw new TextEncoderException(encoder, $"expected {dimension} numbers, got {element.GetArrayLength()}");
        var vector = new float[dimension];
        var i = 0;
        foreach (var number in element.EnumerateArray())
        {
            if (number.ValueKind != JsonValueKind.Number || !number.TryGetSingle(out vector[i]) || !float.IsFinite(vector[i]))
                throw new TextEncoderException(encoder, $"expected a finite number at index {i}, got {Shorten(number.GetRawText())}");
            i++;
        }

        return vector;
    }

    /// <summary>Parses an answer.</summary>
    /// <exception cref="TextEncoderException">It is no JSON.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> answer, string encoder)
    {
        try
        {
            return JsonDocument.Parse(answer);
        }
        catch (JsonException e)
        {
            throw new TextEncoderException(encoder, $"expected JSON, got {Shorten(System.Text.Encoding.UTF8.GetString(answer.Span))}", e);
        }
    }

    /// <summary>Enough of an answer to recognise it.</summary>
    public static string Shorten(string text) => text.Length <= 300 ? $"'{text.Trim()}'" : $"'{text[..300].Trim()}…'";
}
