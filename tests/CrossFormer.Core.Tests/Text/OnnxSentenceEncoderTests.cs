using System.Text.Json;
using CrossFormer.Formats;
using CrossFormer.Testing;
using CrossFormer.Text;

namespace CrossFormer.Core.Tests.Text;

/// <summary>The shared sentence encoder: 53 texts with the ids and vectors that the original tools give.</summary>
public class OnnxSentenceEncoderTests
{
    private sealed record Expected(string Text, long[] InputIds, float[] EmbeddingInt8);

    private static readonly Lazy<Expected[]> Texts = new(() => JsonSerializer.Deserialize<Expected[]>(
        File.ReadAllBytes(Goldens.SharedPath("data", "text", "expected.json")), new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower })!);

    private static string Folder => Goldens.SharedPath("data", "text");

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void TokenIds_AreExactOnAllTexts()
    {
        using var encoder = new OnnxSentenceEncoder(Folder);
        Assert.Equal(53, Texts.Value.Length);
        Assert.All(Texts.Value, e => Assert.Equal(e.InputIds, encoder.TokenIds(e.Text)));
    }

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void Encode_IsWithinCosine099OfTheSamePrecision()
    {
        using var encoder = new OnnxSentenceEncoder(Folder);
        Assert.Equal(384, encoder.Dimension);
        Assert.All(Texts.Value, e => Assert.InRange(Cosine(e.EmbeddingInt8, encoder.Encode(e.Text)), 0.99, 1.000001));
    }

    [Fact]
    public void EncodeBatch_DoesNotDependOnTheNeighbours()
    {
        using ITextEncoder encoder = new OnnxSentenceEncoder(Folder);
        var alone = encoder.Encode("open the drawer");
        var batch = encoder.EncodeBatch(["open the drawer", "put the red block into the bowl on the left side of the table"]);
        Assert.Equal([2, 384], batch.Shape);
        Assert.Equal(alone, batch.AsSpan<float>()[..384].ToArray());
    }

    [Fact]
    public void Vocabulary_IsTheSameFromTokenizerJson()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.CreateSymbolicLink(Path.Combine(folder.FullName, "model.onnx"), Path.Combine(Folder, "model.onnx"));
            File.CreateSymbolicLink(Path.Combine(folder.FullName, "tokenizer.json"), Path.Combine(Folder, "tokenizer.json"));
            using var encoder = new OnnxSentenceEncoder(folder.FullName);
            Assert.All(Texts.Value, e => Assert.Equal(e.InputIds, encoder.TokenIds(e.Text)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Constructor_SaysWhichFileIsMissingOrDamaged()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string Model(string name) => Path.Combine(folder, name);
            Assert.Contains("model.onnx", Assert.Throws<FileNotFoundException>(() => new OnnxSentenceEncoder(folder)).Message);
            File.WriteAllBytes(Model("model.onnx"), [1, 2, 3]);
            Assert.Contains("neither vocab.txt nor tokenizer.json", Assert.Throws<FileNotFoundException>(() => new OnnxSentenceEncoder(folder)).Message);
            File.WriteAllText(Model("tokenizer.json"), """{"model": {"type": "BPE", "vocab": {}}}""");
            Assert.Contains("only WordPiece", Assert.Throws<CorruptFileException>(() => new OnnxSentenceEncoder(folder)).Message);
            File.WriteAllText(Model("tokenizer.json"), "{");
            Assert.Contains("$.model.vocab", Assert.Throws<CorruptFileException>(() => new OnnxSentenceEncoder(folder)).Message);
            File.WriteAllText(Model("vocab.txt"), "a\na\n");
            Assert.Contains("line 2 repeats", Assert.Throws<CorruptFileException>(() => new OnnxSentenceEncoder(folder)).Message);
            File.WriteAllText(Model("vocab.txt"), "a\n");
            Assert.Contains("no [UNK]", Assert.Throws<CorruptFileException>(() => new OnnxSentenceEncoder(folder)).Message);
            File.WriteAllText(Model("vocab.txt"), "[UNK]\n[CLS]\n[SEP]\n");
            Assert.Contains("no usable ONNX model", Assert.Throws<CorruptFileException>(() => new OnnxSentenceEncoder(folder)).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Cosine(float[] a, float[] b) =>
        a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(x => (double)x * x));
}
