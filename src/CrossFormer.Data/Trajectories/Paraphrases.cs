using System.Text;
using System.Text.Json;
using CrossFormer.Formats;

namespace CrossFormer.Data.Trajectories;

/// <summary>Instructions in other words. Immutable and thread-safe.</summary>
public sealed class Paraphrases
{
    private readonly Dictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>> _byInstruction;

    /// <summary>Takes paraphrases by instruction; empty ones are left out.</summary>
    public Paraphrases(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> byInstruction) =>
        _byInstruction = byInstruction.ToDictionary(
            p => p.Key,
            p => (IReadOnlyList<ReadOnlyMemory<byte>>)[.. p.Value.Where(t => t.Length > 0).Select(t => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(t))]);

    /// <summary>The paraphrases of an instruction, UTF-8; none when it is not listed.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Of(string instruction) => _byInstruction.GetValueOrDefault(instruction) ?? [];

    /// <summary>
    /// Reads a JSON file: an object of instructions, each with a list of paraphrases, or with one text in which full stops
    /// part them (what the reference keeps in a pickle file; pickles execute what they hold, so they are not read: convert
    /// with <c>json.dump(pickle.load(f), g)</c>).
    /// </summary>
    /// <exception cref="CorruptFileException">It is no such file.</exception>
    public static Paraphrases Read(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return new Paraphrases(json.RootElement.EnumerateObject().Select(p => KeyValuePair.Create<string, IReadOnlyList<string>>(p.Name, Texts(p.Value))));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new CorruptFileException(path, (e as JsonException)?.BytePositionInLine ?? 0, $"expected a JSON object of instructions with their paraphrases ({e.Message})", e);
        }
    }

    private static string[] Texts(JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!.Split('.', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        : [.. value.EnumerateArray().Select(t => t.GetString() ?? throw new JsonException("null is no paraphrase"))];
}
