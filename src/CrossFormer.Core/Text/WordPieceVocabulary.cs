using System.Text.Json;
using CrossFormer.Formats;

namespace CrossFormer.Text;

/// <summary>Reads a WordPiece vocabulary from a model's folder: <c>vocab.txt</c>, else <c>tokenizer.json</c>.</summary>
internal static class WordPieceVocabulary
{
    // BERT's have 30 to 120 thousand pieces; multilingual ones some 250 thousand.
    private const int MaxPieces = 2_000_000;
    private const int MaxFileBytes = 64 << 20;

    public static (string Path, Dictionary<string, int> Pieces) Read(string folder)
    {
        var text = Path.Combine(folder, "vocab.txt");
        if (File.Exists(text))
            return (text, ReadLines(text));
        var json = Path.Combine(folder, "tokenizer.json");
        if (File.Exists(json))
            return (json, ReadTokenizer(json));
        throw new FileNotFoundException($"{folder} holds neither vocab.txt nor tokenizer.json.", text);
    }

    private static Dictionary<string, int> ReadLines(string path)
    {
        CheckSize(path);
        var pieces = new Dictionary<string, int>();
        foreach (var line in File.ReadLines(path))
        {
            if (!pieces.TryAdd(line.TrimEnd('\r'), pieces.Count))
                throw new CorruptFileException(path, 0, $"line {pieces.Count + 1} repeats the piece '{line}'");
            if (pieces.Count > MaxPieces)
                throw new CorruptFileException(path, 0, $"more than {MaxPieces} pieces");
        }

        return pieces;
    }

    private static Dictionary<string, int> ReadTokenizer(string path)
    {
        CheckSize(path);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var model = document.RootElement.GetProperty("model");
            if (model.TryGetProperty("type", out var type) && type.GetString() != "WordPiece")
                throw new CorruptFileException(path, 0, $"$.model.type is '{type.GetString()}'; only WordPiece is supported");
            if (document.RootElement.TryGetProperty("normalizer", out var normaliser) && normaliser.ValueKind == JsonValueKind.Object &&
                normaliser.TryGetProperty("lowercase", out var lower) && !lower.GetBoolean())
            {
                throw new CorruptFileException(path, 0, "$.normalizer.lowercase is false; only uncased models are supported");
            }

            var pieces = new Dictionary<string, int>();
            foreach (var piece in model.GetProperty("vocab").EnumerateObject())
                pieces[piece.Name] = piece.Value.GetInt32();
            return pieces;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CorruptFileException(path, 0, $"expected a tokenizer with $.model.vocab ({e.Message})", e);
        }
    }

    private static void CheckSize(string path)
    {
        var length = new FileInfo(path).Length;
        if (length > MaxFileBytes)
            throw new CorruptFileException(path, 0, $"{length} bytes; a vocabulary has at most {MaxFileBytes}");
    }
}
