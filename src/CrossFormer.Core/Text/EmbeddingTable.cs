using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using CrossFormer.Arrays;
using CrossFormer.Formats;

namespace CrossFormer.Text;

/// <summary>
/// Texts and their vectors, computed elsewhere: how the Universal Sentence Encoder's vectors of the published model reach a
/// machine without TensorFlow. The file is safetensors: one float32 [N, D] tensor <c>embeddings</c>, and the N texts as a
/// JSON list in the metadata <c>texts</c>.
/// </summary>
/// <remarks>
/// A text is looked up as it is, else without regard to case, white space and closing punctuation (".", "!", "?", …); of
/// several such texts the first in the table counts. Another text is an error, never a guess.
/// </remarks>
public sealed class EmbeddingTable : ITextEncoder
{
    private const string TensorName = "embeddings", TextsKey = "texts";
    private const int NearestCount = 3;

    // Datasets repeat an instruction in every episode, its vector computed in batches of changing size.
    private const float SameVectorTolerance = 1e-3f;

    private readonly string _source;
    private readonly string[] _texts;
    private readonly float[] _vectors;
    private readonly Dictionary<string, int> _exact, _loose;

    private EmbeddingTable(string? file, string[] texts, float[] vectors, int dimension)
    {
        (_texts, _vectors, Dimension) = (texts, vectors, dimension);
        _exact = new(texts.Length);
        _loose = new(texts.Length);
        for (var i = 0; i < texts.Length; i++)
        {
            _exact.TryAdd(texts[i], i);
            _loose.TryAdd(Normalise(texts[i]), i);
        }

        var hash = new XxHash128();
        foreach (var text in texts)
        {
            hash.Append(Encoding.UTF8.GetBytes(text));
            hash.Append([0]);
        }

        hash.Append(MemoryMarshal.AsBytes(vectors.AsSpan()));
        Name = $"table:{Convert.ToHexStringLower(hash.GetCurrentHash())}";
        _source = file ?? Name;
    }

    /// <summary><c>table:</c> and a hash of the texts and their vectors.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <summary>The texts, in the table's order.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>Builds a table, for example from a dataset's instructions and their <c>language_embedding</c>.</summary>
    /// <param name="entries">Texts, repeats allowed, and float32 vectors of one length.</param>
    /// <exception cref="ArgumentException">No entry; vectors of several lengths or not finite; one text with two different vectors.</exception>
    public static EmbeddingTable Build(IEnumerable<(string Text, float[] Embedding)> entries)
    {
        var vectors = new OrderedDictionary<string, float[]>();
        var dimension = 0;
        foreach (var (text, vector) in entries)
        {
            dimension = dimension == 0 ? vector.Length : dimension;
            if (vector.Length != dimension || dimension == 0)
                throw new ArgumentException($"The embedding of \"{text}\" has {vector.Length} numbers, the first one {dimension}.", nameof(entries));
            if (!vector.All(float.IsFinite))
                throw new ArgumentException($"The embedding of \"{text}\" is not finite.", nameof(entries));
            if (vectors.TryAdd(text, vector))
                continue;
            var difference = vectors[text].Zip(vector, (a, b) => Math.Abs(a - b)).Max();
            if (difference > SameVectorTolerance)
                throw new ArgumentException($"\"{text}\" has two embeddings that differ by {difference}: were they made by two encoders?", nameof(entries));
        }

        if (vectors.Count == 0)
            throw new ArgumentException("A table needs at least one text.", nameof(entries));
        return new EmbeddingTable(null, [.. vectors.Keys], [.. vectors.Values.SelectMany(v => v)], dimension);
    }

    /// <summary>Reads a table.</summary>
    /// <exception cref="CorruptFileException">No such safetensors file as <see cref="EmbeddingTable"/> describes.</exception>
    public static EmbeddingTable Load(string path)
    {
        var file = Safetensors.Open(path);
        if (!file.Arrays.TryGetValue(TensorName, out var stored) || stored.DType != DType.Float32 || stored.Shape is not [> 0 and var count, > 0 and var dimension])
            throw new CorruptFileException(path, 0, $"expected a tensor {TensorName}: float32[N,D], found {string.Join(", ", file.Arrays.Select(a => $"{a.Key}: {a.Value}"))}");
        if (!file.Metadata.TryGetValue(TextsKey, out var json))
            throw new CorruptFileException(path, 0, $"expected a JSON list of {count} texts in __metadata__.{TextsKey}");
        var texts = ParseTexts(path, json);
        if (texts.Length != count)
            throw new CorruptFileException(path, 0, $"{texts.Length} texts in __metadata__.{TextsKey} for {count} embeddings");
        if (texts.Distinct().Count() != count)
            throw new CorruptFileException(path, 0, $"a text of __metadata__.{TextsKey} is repeated");
        var vectors = new float[checked(count * dimension)];
        stored.ReadInto(MemoryMarshal.AsBytes(vectors.AsSpan()));
        if (Array.FindIndex(vectors, v => !float.IsFinite(v)) is >= 0 and var bad)
            throw new CorruptFileException(path, 0, $"the embedding of \"{texts[bad / dimension]}\" is not finite");
        return new EmbeddingTable(path, texts, vectors, dimension);
    }

    /// <summary>Writes the table; an existing file is replaced as a whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, Write);

    /// <summary>Writes the table as <see cref="Load"/> reads it.</summary>
    public void Write(Stream stream) => Safetensors.Write(
        stream,
        [KeyValuePair.Create<string, StoredArray>(TensorName, new MemoryArray(NdArray.From(_vectors, _texts.Length, Dimension)))],
        new Dictionary<string, string> { [TextsKey] = JsonSerializer.Serialize(_texts) });

    /// <inheritdoc/>
    public float[] Encode(string text)
    {
        if (_exact.TryGetValue(text, out var index) || _loose.TryGetValue(Normalise(text), out index))
            return _vectors[(index * Dimension)..((index + 1) * Dimension)];
        var nearest = EditDistance.Nearest(Normalise(text), _loose.Keys, NearestCount).Select(key => _texts[_loose[key]]).ToArray();
        throw new UnknownTextException(_source, text, nearest, text.Length == 0
            ? $"{_source} has no embedding of the empty text, which stands for \"no instruction\" (goal images alone, or a model's padding). Add the encoder's vector of \"\" to the table."
            : $"{_source} has no embedding of \"{text}\". The nearest of its {_texts.Length} texts: {string.Join(", ", nearest.Select(t => $"\"{t}\""))}. " +
              "Use one of them, or an encoder that takes any text (docs/text-encoders.md).");
    }

    /// <summary>Does nothing: a table holds memory only.</summary>
    public void Dispose()
    {
    }

    /// <inheritdoc/>
    public override string ToString() => $"{_source} ({_texts.Length} texts, {Dimension} dimensions)";

    /// <summary>Lower case, single spaces, no closing punctuation (unless nothing else is there).</summary>
    internal static string Normalise(string text)
    {
        var words = string.Join(' ', text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();
        var end = words.Length;
        while (end > 0 && IsClosing(words[end - 1]))
            end--;
        return end > 0 ? words[..end] : words;
    }

    private static bool IsClosing(char c) =>
        c == ' ' || char.GetUnicodeCategory(c) is UnicodeCategory.OtherPunctuation;

    private static string[] ParseTexts(string path, string json)
    {
        try
        {
            var texts = JsonSerializer.Deserialize<string[]>(json);
            return texts is null || texts.Contains(null) ? throw new JsonException("found null") : texts;
        }
        catch (JsonException e)
        {
            throw new CorruptFileException(path, 0, $"__metadata__.{TextsKey} is no JSON list of texts ({e.Message})", e);
        }
    }
}
