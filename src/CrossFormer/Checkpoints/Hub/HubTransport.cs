using System.Net;
using System.Net.Http.Headers;

namespace CrossFormer.Checkpoints.Hub;

/// <summary>
/// One request to the Hub with its redirects. The token goes to the Hub's own address only. Redirects are followed here, not
/// by the handler: what the Hub says about a file stands in the answer that redirects to where its bytes are.
/// Source: huggingface_hub, file_download.py and utils/_http.py.
/// </summary>
internal sealed class HubTransport(HttpClient client, HubOptions options)
{
    private const int MaxRedirects = 10;

    /// <summary>See <see cref="HubOptions.StallTimeout"/>.</summary>
    public TimeSpan StallTimeout => options.StallTimeout;

    /// <summary>A file or page below the Hub's address.</summary>
    public Uri Url(string path) => new($"{options.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");

    /// <summary>Sends a request.</summary>
    /// <param name="method">GET or HEAD.</param>
    /// <param name="url">Where to.</param>
    /// <param name="from">First byte that is wanted.</param>
    /// <param name="subject">What it is about, for errors.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <returns>An answer of status 2xx, or 416 when <paramref name="from"/> is beyond the end; its content is not read yet.</returns>
    /// <exception cref="TransientHubException">It may work later: no connection, 408, 429, 5xx.</exception>
    /// <exception cref="HubException">It will not.</exception>
    public async Task<HubAnswer> SendAsync(HttpMethod method, Uri url, long from, string subject, CancellationToken cancellation)
    {
        var about = new AnswerHeaders();
        for (var redirects = 0; ; redirects++)
        {
            var isHub = IsHub(url);
            var response = await SendOnceAsync(method, url, from, isHub, subject, cancellation).ConfigureAwait(false);
            if (response.RequestMessage?.RequestUri is { } answered && answered != url)
                throw new InvalidOperationException("The HttpClient follows redirects by itself; give it a handler with AllowAutoRedirect = false.");
            if (isHub)
                about.Add(response.Headers.NonValidated);
            if (response.IsSuccessStatusCode || (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && from > 0))
                return new HubAnswer(response, about.Commit, about.Hash, about.Size ?? LengthOf(response));

            using (response)
            {
                if (response.Headers.Location is not { } location || (int)response.StatusCode is < 300 or > 399)
                    throw Error(response, isHub, url, subject);
                url = CheckRedirect(new Uri(url, location), url, redirects, subject);
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpMethod method, Uri url, long from, bool isHub, string subject, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, url);
        // A compressed answer would have another length and another checksum.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("crossformer-dotnet", typeof(HubTransport).Assembly.GetName().Version!.ToString(3)));
        if (isHub && options.Token is { } token)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (from > 0)
            request.Headers.Range = new RangeHeaderValue(from, null);
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new TransientHubException($"{subject}: {url.Host} does not answer: {e.Message}", null, e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TransientHubException($"{subject}: {url.Host} does not answer within {client.Timeout.TotalSeconds} s", null, e);
        }
    }

    private bool IsHub(Uri url) => url.Scheme == options.Endpoint.Scheme && url.Host == options.Endpoint.Host && url.Port == options.Endpoint.Port;

    private static Uri CheckRedirect(Uri target, Uri source, int redirects, string subject)
    {
        if (redirects >= MaxRedirects)
            throw new HubException(HubFailure.Protocol, $"{subject}: more than {MaxRedirects} redirects, the last to {target.Host}.");
        // Bytes are checked, but their address would be readable on the way, signature and all.
        if (target.Scheme is not ("http" or "https") || (source.Scheme == "https" && target.Scheme != "https"))
            throw new HubException(HubFailure.Protocol, $"{subject}: {source.Host} redirects to {target.Scheme}://{target.Host}, which is not followed.");
        return target;
    }

    private Exception Error(HttpResponseMessage response, bool isHub, Uri url, string subject)
    {
        var status = (int)response.StatusCode;
        var reason = string.Join(": ", new[] { "X-Error-Code", "X-Error-Message" }
            .Select(h => response.Headers.NonValidated.TryGetValues(h, out var values) ? values.ToString() : "")
            .Where(v => v.Length > 0));
        var said = $"{subject}: {url.Host} answers {status} ({response.StatusCode}{(reason.Length > 0 ? $"; {reason}" : "")})";
        switch (response.StatusCode)
        {
            case HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError:
                var after = response.Headers.RetryAfter;
                return new TransientHubException(said, after?.Delta ?? (after?.Date is { } date ? date - TimeProvider.System.GetUtcNow() : null));
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when !isHub:
                return new HubException(HubFailure.Denied, $"{said}, although the Hub sent us there. Try again; the address that it gave may have expired.");
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                return new HubException(HubFailure.Denied, options.Token is null
                    ? $"{said}. Either there is no such repository, or it is private or gated, and no token was sent: "
                        + $"set HF_TOKEN to an access token whose account may read it ({Url("settings/tokens")})."
                    : $"{said}. The token that was sent does not open it: a gated repository must first be asked for at its page on "
                        + $"{options.Endpoint.Host}, by the token's account; a private one needs a token of a member, with read permission.");
            case HttpStatusCode.NotFound:
                return new HubException(HubFailure.NotFound, $"{said}. Check owner, name and revision.");
            default:
                return new HubException(HubFailure.Protocol, $"{said}, which was not expected.");
        }
    }

    private static long? LengthOf(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentLength : response.Content.Headers.ContentRange?.Length;

    /// <summary>What the Hub said on the way about the file in the end.</summary>
    private sealed class AnswerHeaders
    {
        private string? _linkedHash;
        private string? _ownHash;

        public string? Commit { get; private set; }

        public string? Hash => _linkedHash ?? _ownHash;

        public long? Size { get; private set; }

        public void Add(HttpHeadersNonValidated headers)
        {
            Commit ??= Value(headers, "X-Repo-Commit");
            _linkedHash ??= HubFile.NormalizeETag(Value(headers, "X-Linked-Etag"));
            _ownHash = HubFile.NormalizeETag(Value(headers, "ETag")) ?? _ownHash;
            Size ??= long.TryParse(Value(headers, "X-Linked-Size"), out var size) && size >= 0 ? size : null;
        }

        private static string? Value(HttpHeadersNonValidated headers, string name) => headers.TryGetValues(name, out var values) ? values.ToString() : null;
    }
}
