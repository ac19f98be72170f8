using System.Net.Http.Headers;
using System.Text.Json;

namespace CrossFormer.Text;

/// <summary>An encoder behind an HTTP endpoint: POST <c>{"text": "…"}</c>, answered by <c>{"embedding": [numbers]}</c>.</summary>
public sealed class HttpTextEncoder : ITextEncoder
{
    private readonly HttpClient _client;
    private readonly Uri _url;

    /// <summary>Describes the endpoint; nothing is sent yet.</summary>
    /// <param name="url">An absolute http or https address.</param>
    /// <param name="dimension">Numbers in every embedding, at least 1; other answers are refused.</param>
    /// <param name="timeout">For a whole request, answer included; more than zero.</param>
    public HttpTextEncoder(Uri url, int dimension, TimeSpan timeout)
    {
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))
            throw new ArgumentException($"Expected an http or https address, got '{url}'.", nameof(url));
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        (_url, Dimension) = (url, dimension);
        var handler = new SocketsHttpHandler
        {
            // A proxy cannot reach this machine's own server.
            UseProxy = !url.IsLoopback,
            // One connection a request. HttpClient else reuses connections that an HTTP/1.0 server (Python's) is about to
            // close, whatever the Connection header says, and then one request in five fails.
            PooledConnectionLifetime = TimeSpan.Zero,
        };
        _client = new HttpClient(handler) { Timeout = timeout, MaxResponseContentBufferSize = EmbeddingJson.MaxBytes(dimension) };
    }

    /// <summary><c>http:</c>, the address and the dimension. A server that changes its model must change its address.</summary>
    public string Name => $"http:{_url}#{Dimension}";

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <inheritdoc/>
    public float[] Encode(string text)
    {
        var encoder = $"POST {_url}";
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(EmbeddingJson.Request(text)) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = _client.Send(request);
            using var body = new MemoryStream();
            response.Content.ReadAsStream().CopyTo(body);
            var answer = body.GetBuffer().AsMemory(0, (int)body.Length);
            if (!response.IsSuccessStatusCode)
                throw new TextEncoderException(encoder, $"status {(int)response.StatusCode} ({response.StatusCode}): {EmbeddingJson.Shorten(System.Text.Encoding.UTF8.GetString(answer.Span))}");
            using var json = EmbeddingJson.Parse(answer, encoder);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("embedding", out var embedding)
                ? EmbeddingJson.Vector(embedding, Dimension, encoder)
                : throw new TextEncoderException(encoder, $"expected {{\"embedding\": [{Dimension} numbers]}}, got {EmbeddingJson.Shorten(json.RootElement.GetRawText())}");
        }
        catch (TaskCanceledException e)
        {
            throw new TextEncoderException(encoder, $"no answer within {_client.Timeout.TotalSeconds} s", e);
        }
        catch (HttpRequestException e)
        {
            throw new TextEncoderException(encoder, e.Message, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
