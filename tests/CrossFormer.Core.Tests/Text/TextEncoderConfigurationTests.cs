using System.Text.Json;
using CrossFormer.Text;

namespace CrossFormer.Core.Tests.Text;

public sealed class TextEncoderConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Create_MakesEveryKind()
    {
        EmbeddingTable.Build([("go", [1, 2])]).Save(Path.Combine(_folder, "t.safetensors"));
        using var table = TextEncoderConfiguration.Parse("""{"kind": "table", "path": "t.safetensors", "dimension": 2}""").Create(_folder);
        Assert.IsType<EmbeddingTable>(table);
        using var command = TextEncoderConfiguration.Parse("""{"kind": "command", "command": ["echo", "[1, 2]"], "dimension": 2, "keep_alive": false}""").Create();
        Assert.Equal([1f, 2f], Assert.IsType<CachedTextEncoder>(command).Encode("go"));
        using var http = TextEncoderConfiguration.Parse("""{"kind": "http", "url": "http://localhost:1/", "dimension": 2, "cache_size": 0, "timeout_seconds": 1.5}""").Create();
        Assert.Equal(2, Assert.IsType<HttpTextEncoder>(http).Dimension);
        Assert.Throws<FileNotFoundException>(() => TextEncoderConfiguration.Parse("""{"kind": "onnx", "path": "none"}""").Create(_folder));
    }

    [Theory]
    [InlineData("""{"kind": "tabel", "path": "x"}""", "$.kind is none of table, onnx, command, http")]
    [InlineData("""{"kind": 0, "path": "x"}""", "$.kind is none of")]
    [InlineData("""{"path": "x"}""", "kind")]
    [InlineData("""{"kind": "table", "paht": "x"}""", "paht")]
    [InlineData("""{"kind": "table"}""", "$.path is missing; a text encoder of kind 'table' needs it")]
    [InlineData("""{"kind": "table", "path": "x", "url": "http://a"}""", "$.url does not belong to a text encoder of kind 'table'")]
    [InlineData("""{"kind": "command", "command": ["x"]}""", "$.dimension is missing")]
    [InlineData("""{"kind": "command", "command": [], "dimension": 2}""", "$.command is missing")]
    [InlineData("""{"kind": "http", "url": "ftp://a", "dimension": 2}""", "$.url is 'ftp://a/'")]
    [InlineData("""{"kind": "http", "url": "/relative", "dimension": 2}""", "$.url is '/relative'")]
    [InlineData("""{"kind": "http", "url": "http://a", "dimension": 0}""", "$.dimension is 0")]
    [InlineData("""{"kind": "http", "url": "http://a", "dimension": 2, "timeout_seconds": 0}""", "$.timeout_seconds is 0")]
    [InlineData("""{"kind": "table", "path": "x", "cache_size": -1}""", "$.cache_size is -1")]
    [InlineData("null", "not null")]
    [InlineData("{", "depth")]
    public void Parse_NamesTheFieldThatIsWrong(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<JsonException>(() => TextEncoderConfiguration.Parse(json)).Message);

    [Fact]
    public void Create_ChecksTheDimensionOfAFile()
    {
        EmbeddingTable.Build([("go", [1, 2])]).Save(Path.Combine(_folder, "t.safetensors"));
        var configuration = TextEncoderConfiguration.Parse("""{"kind": "table", "path": "t.safetensors", "dimension": 512}""");
        Assert.Contains("$.dimension is 512, but", Assert.Throws<JsonException>(() => configuration.Create(_folder)).Message);
    }

    [Fact]
    public void Parse_UndoesToJson()
    {
        var configuration = new TextEncoderConfiguration { Kind = TextEncoderKind.Http, Url = new Uri("http://localhost:8700/"), Dimension = 512, TimeoutSeconds = 2 };
        Assert.Equal(configuration, TextEncoderConfiguration.Parse(configuration.ToJson()));
    }
}
