using System.Text.Json.Nodes;
using CrossFormer.Text;

namespace CrossFormer.Core.Tests.Text;

public class HttpTextEncoderTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Encode_PostsTheTextAndReadsTheEmbedding()
    {
        using var server = new HttpStandIn((line, body) => (200, $$"""{"embedding": [{{JsonNode.Parse(body)!["text"]!.GetValue<string>().Length}}, {{(line == "POST /embed HTTP/1.1" ? 1 : 0)}}]}"""));
        using var encoder = new HttpTextEncoder(server.Url, 2, Patience);
        Assert.Equal([8f, 1f], encoder.Encode("fermé 🤖"));
        Assert.Equal([0f, 1f], encoder.Encode(""));
    }

    [Theory]
    [InlineData(500, "CUDA out of memory", "status 500 (InternalServerError): 'CUDA out of memory'")]
    [InlineData(404, "", "status 404 (NotFound)")]
    [InlineData(200, """{"embedding": [1]}""", "expected 2 numbers, got 1")]
    [InlineData(200, """{"embeddings": [1, 2]}""", "expected {\"embedding\": [2 numbers]}")]
    [InlineData(200, """[1, 2]""", "expected {\"embedding\": [2 numbers]}")]
    [InlineData(200, """{"embedding": [1, "2"]}""", "expected a finite number at index 1")]
    [InlineData(200, "<html>", "expected JSON, got '<html>'")]
    public void Encode_SaysWhatIsWrongWithTheAnswer(int status, string body, string expected)
    {
        using var server = new HttpStandIn((_, _) => (status, body));
        using var encoder = new HttpTextEncoder(server.Url, 2, Patience);
        var error = Assert.Throws<TextEncoderException>(() => encoder.Encode("a"));
        Assert.StartsWith($"POST {server.Url}: ", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Encode_BoundsTheAnswer()
    {
        using var server = new HttpStandIn((_, _) => (200, new string(' ', 100_000)));
        using var encoder = new HttpTextEncoder(server.Url, 2, Patience);
        Assert.Contains("4224", Assert.Throws<TextEncoderException>(() => encoder.Encode("a")).Message);
    }

    [Fact]
    public void Encode_GivesUpAfterTheTimeout()
    {
        using var server = new HttpStandIn((_, _) => null);
        using var encoder = new HttpTextEncoder(server.Url, 2, TimeSpan.FromSeconds(0.3));
        Assert.Contains("no answer within 0.3 s", Assert.Throws<TextEncoderException>(() => encoder.Encode("a")).Message);
    }

    [Fact]
    public void Encode_SaysWhenNobodyListens()
    {
        Uri url;
        using (var server = new HttpStandIn((_, _) => null))
            url = server.Url;
        using var encoder = new HttpTextEncoder(url, 2, Patience);
        Assert.StartsWith($"POST {url}: ", Assert.Throws<TextEncoderException>(() => encoder.Encode("a")).Message);
    }

    [Fact]
    public void Constructor_WantsAnHttpAddress() =>
        Assert.Throws<ArgumentException>(() => new HttpTextEncoder(new Uri("file:///etc/passwd"), 2, Patience));
}
