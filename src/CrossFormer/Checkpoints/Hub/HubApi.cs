using System.Text.Json;

namespace CrossFormer.Checkpoints.Hub;

/// <summary>What the Hub tells about a repository. Source: the Hub's API, huggingface_hub's hf_api.py.</summary>
internal sealed class HubApi(HubTransport transport, HubRetry retry, HubReference reference)
{
    private const int MaxPageBytes = 64 << 20;
    private const int MaxPages = 10_000;

    /// <summary>The commit that the revision stands for now.</summary>
    /// <returns>The commit, and the names of all files there.</returns>
    public async Task<(string Commit, IReadOnlyList<HubFile> Files)> ReadRevisionAsync(CancellationToken cancellation)
    {
        var url = transport.Url($"api/models/{reference.Repository}/revision/{Uri.EscapeDataString(reference.Revision)}");
        var (page, _) = await ReadPageAsync(url, Parse, cancellation).ConfigureAwait(false);
        return page;

        (string, IReadOnlyList<HubFile>) Parse(JsonElement root)
        {
            var commit = root.GetProperty("sha").GetString();
            if (!HubReference.IsHash(commit, 40))
                throw new FormatException($"expected a commit hash in sha, found '{commit}'");
            List<HubFile> files = [];
            if (root.TryGetProperty("siblings", out var siblings))
                files.AddRange(siblings.EnumerateArray().Select(s => new HubFile(CheckedPath(s, "rfilename"), null, null)));
            return (commit, files);
        }
    }

    /// <summary>All files of a commit with sizes and hashes; null when the server (a mirror) cannot list them.</summary>
    public async Task<IReadOnlyList<HubFile>?> ListFilesAsync(string commit, CancellationToken cancellation)
    {
        var files = new List<HubFile>();
        var url = transport.Url($"api/models/{reference.Repository}/tree/{commit}?recursive=true");
        for (var pages = 0; url is not null; pages++)
        {
            if (pages == MaxPages)
                throw new HubException(HubFailure.Protocol, $"{reference}: the list of files has more than {MaxPages} pages.");
            try
            {
                (var page, url) = await ReadPageAsync(url, ParseTree, cancellation).ConfigureAwait(false);
                files.AddRange(page);
            }
            catch (HubException e) when (e.Failure == HubFailure.NotFound && pages == 0)
            {
                return null;
            }
        }

        return files;
    }

    /// <summary>Asks what a file's hash and size are.</summary>
    public async Task<HubFile> ReadFileAsync(HubFile file, string commit, CancellationToken cancellation)
    {
        using var answer = await retry.RunAsync(() => transport.SendAsync(HttpMethod.Head, FileUrl(file, commit), 0, Subject(file), cancellation), cancellation).ConfigureAwait(false);
        if (answer.Hash is null)
            throw new HubException(HubFailure.Protocol, $"{Subject(file)}: the server gives no ETag; the cache names files by it.");
        return file with { Hash = answer.Hash, Size = answer.Size };
    }

    /// <summary>What to call a file in errors.</summary>
    public string Subject(HubFile file) => $"{reference}, {file.Path}";

    /// <summary>Where a file's bytes are.</summary>
    public Uri FileUrl(HubFile file, string commit) =>
        transport.Url($"{reference.Repository}/resolve/{commit}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}");

    private List<HubFile> ParseTree(JsonElement root)
    {
        var files = new List<HubFile>();
        foreach (var entry in root.EnumerateArray())
        {
            if (entry.GetProperty("type").GetString() != "file")
                continue;
            var isLarge = entry.TryGetProperty("lfs", out var large) && large.ValueKind == JsonValueKind.Object;
            var hash = (isLarge ? large : entry).GetProperty("oid").GetString();
            if (hash is null || !HubFile.IsChecksum(hash) || isLarge != HubFile.IsSha256(hash))
                throw new FormatException($"expected a {(isLarge ? "SHA-256" : "SHA-1")} in oid, found '{hash}'");
            files.Add(new HubFile(CheckedPath(entry, "path"), entry.GetProperty("size").GetInt64(), hash));
        }

        return files;
    }

    private string CheckedPath(JsonElement entry, string key) =>
        HubFile.CheckPath(entry.GetProperty(key).GetString() ?? throw new FormatException($"expected text in {key}"), reference);

    private Task<(T Page, Uri? Next)> ReadPageAsync<T>(Uri url, Func<JsonElement, T> parse, CancellationToken cancellation) => retry.RunAsync(
        async () =>
        {
            using var answer = await transport.SendAsync(HttpMethod.Get, url, 0, reference.ToString(), cancellation).ConfigureAwait(false);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(transport.StallTimeout);
            try
            {
                await answer.Response.Content.LoadIntoBufferAsync(MaxPageBytes, patience.Token).ConfigureAwait(false);
                var stream = await answer.Response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
                using var json = await JsonDocument.ParseAsync(stream, cancellationToken: cancellation).ConfigureAwait(false);
                return (parse(json.RootElement), NextPage(answer.Response, url));
            }
            catch (Exception e) when (
                e is HttpRequestException { HttpRequestError: not HttpRequestError.ConfigurationLimitExceeded }
                || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                throw new TransientHubException($"{reference}: {url.Host} broke off its answer: {e.Message}", null, e);
            }
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or HttpRequestException)
            {
                throw new HubException(HubFailure.Protocol, $"{reference}: {url.GetLeftPart(UriPartial.Path)} does not answer as the Hub does: {e.Message}.", e);
            }
        },
        cancellation);

    // Link: <https://…&cursor=…>; rel="next"
    private static Uri? NextPage(HttpResponseMessage response, Uri page)
    {
        if (!response.Headers.NonValidated.TryGetValues("Link", out var links))
            return null;
        foreach (var link in links.SelectMany(l => l.Split(',')))
        {
            var parts = link.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0].StartsWith('<') && parts[0].EndsWith('>') && parts.Skip(1).Any(p => p is "rel=\"next\"" or "rel=next"))
                return new Uri(page, parts[0][1..^1]);
        }

        return null;
    }
}
