using CrossFormer.Arrays;
using CrossFormer.Formats;
using CrossFormer.Text;
using CsCheck;

namespace CrossFormer.Core.Tests.Text;

public sealed class EmbeddingTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    private static EmbeddingTable Table => EmbeddingTable.Build(
    [
        ("put the carrot in the pot", [1, 2]),
        ("Open the drawer.", [3, 4]),
        ("open the door", [5, 6]),
        ("fold the cloth", [7, 8]),
        ("put the carrot in the pot", [1, 2.0001f]),
    ]);

    private string File => Path.Combine(_folder, "table.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Open the drawer.", 3)]
    [InlineData("open the drawer", 3)]
    [InlineData("  OPEN\tthe   drawer!! ", 3)]
    [InlineData("Fold the cloth .", 7)]
    public void Encode_LooksUpRegardlessOfCaseSpaceAndClosingPunctuation(string text, float first) => Assert.Equal([first, first + 1], Table.Encode(text));

    [Fact]
    public void Encode_PrefersTheExactText()
    {
        var table = EmbeddingTable.Build([("stop", [1]), ("Stop.", [2]), ("STOP!", [3])]);
        Assert.Equal([[1f], [2f], [3f], [1f]], new[] { "stop", "Stop.", "STOP!", "stop!" }.Select(table.Encode));
    }

    [Fact]
    public void Encode_NamesTheNearestTextsForAnUnknownOne()
    {
        var error = Assert.Throws<UnknownTextException>(() => Table.Encode("open the dor"));
        Assert.Equal(["open the door", "Open the drawer.", "fold the cloth"], error.Nearest);
        Assert.Equal("open the dor", error.Text);
        Assert.Contains("\"open the dor\". The nearest of its 4 texts: \"open the door\", \"Open the drawer.\"", error.Message);
    }

    [Fact]
    public void Encode_TakesTheEmptyTextOnlyWhenTheTableHasIt()
    {
        Assert.Contains("empty text, which stands for \"no instruction\"", Assert.Throws<UnknownTextException>(() => Table.Encode("")).Message);
        var table = EmbeddingTable.Build([("", [0, 1]), ("go", [1, 0])]);
        Assert.Equal([0f, 1f], table.Encode(""));
        // Punctuation alone is no empty text.
        Assert.Throws<UnknownTextException>(() => table.Encode("?"));
    }

    [Fact]
    public void Encode_GivesTheCallerItsOwnVector()
    {
        var table = Table;
        table.Encode("open the door")[0] = -1;
        Assert.Equal([5f, 6f], table.Encode("open the door"));
    }

    [Fact]
    public void Build_KeepsTheFirstOfARepeatedText() => Assert.Equal([1f, 2f], Table.Encode("put the carrot in the pot"));

    [Fact]
    public void Build_RefusesVectorsThatDoNotGoTogether()
    {
        static string Message(params (string, float[])[] entries) => Assert.Throws<ArgumentException>(() => EmbeddingTable.Build(entries)).Message;
        Assert.Contains("at least one text", Message());
        Assert.Contains("\"b\" has 1 numbers, the first one 2", Message(("a", [1, 2]), ("b", [1])));
        Assert.Contains("\"a\" is not finite", Message(("a", [1, float.NaN])));
        Assert.Contains("two encoders", Message(("a", [1, 2]), ("a", [1, 3])));
    }

    [Fact]
    public void Load_UndoesSave()
    {
        var tables = from texts in Gen.String.Where(s => s.EnumerateRunes().All(r => r.Value != 0xFFFD)).HashSet[1, 8]
                     from dimension in Gen.Int[1, 5]
                     from vectors in Gen.Float[-2, 2].Array[dimension].Array[texts.Count]
                     select EmbeddingTable.Build(texts.Zip(vectors));
        tables.Sample(
            table =>
            {
                table.Save(File);
                var loaded = EmbeddingTable.Load(File);
                Assert.Equal(table.Texts, loaded.Texts);
                Assert.Equal((table.Name, table.Dimension), (loaded.Name, loaded.Dimension));
                Assert.All(table.Texts, text => Assert.Equal(table.Encode(text), loaded.Encode(text)));
            },
            iter: 50, threads: 1);
    }

    [Fact]
    public void Name_ChangesWithTheContent()
    {
        Assert.NotEqual(EmbeddingTable.Build([("a", [1])]).Name, EmbeddingTable.Build([("a", [2])]).Name);
        Assert.NotEqual(EmbeddingTable.Build([("a", [1])]).Name, EmbeddingTable.Build([("b", [1])]).Name);
    }

    [Theory]
    [InlineData("embedding", "[\"a\", \"b\"]", "expected a tensor embeddings: float32[N,D], found embedding: float32[2,3]")]
    [InlineData("embeddings", null, "expected a JSON list of 2 texts")]
    [InlineData("embeddings", "[\"a\"]", "1 texts in __metadata__.texts for 2 embeddings")]
    [InlineData("embeddings", "[\"a\", \"a\"]", "is repeated")]
    [InlineData("embeddings", "[\"a\", null]", "no JSON list")]
    [InlineData("embeddings", "{", "no JSON list")]
    public void Load_SaysWhatTheFileLacks(string tensor, string? texts, string expected)
    {
        var metadata = texts is null ? null : new Dictionary<string, string> { ["texts"] = texts };
        using (var stream = System.IO.File.Create(File))
            Safetensors.Write(stream, [KeyValuePair.Create<string, StoredArray>(tensor, new MemoryArray(NdArray.Zeros(DType.Float32, 2, 3)))], metadata);
        Assert.Contains(expected, Assert.Throws<CorruptFileException>(() => EmbeddingTable.Load(File)).Message);
    }

    [Fact]
    public void Load_ReadsWhatPythonWrites()
    {
        // The bytes of safetensors.numpy.save_file({"embeddings": [[1, 2]]}, metadata={"texts": json.dumps(["go"])}).
        var header = """{"__metadata__":{"texts":"[\"go\"]"},"embeddings":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}"""u8.ToArray();
        System.IO.File.WriteAllBytes(File, [.. BitConverter.GetBytes((ulong)header.Length), .. header, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]);
        Assert.Equal([1f, 2f], EmbeddingTable.Load(File).Encode("go"));
    }

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("abc", "", 3)]
    [InlineData("flaw", "lawn", 2)]
    public void EditDistance_IsLevenshteins(string a, string b, int distance)
    {
        Assert.Equal(distance, EditDistance.Between(a, b));
        Assert.Equal(distance, EditDistance.Between(b, a));
    }
}
