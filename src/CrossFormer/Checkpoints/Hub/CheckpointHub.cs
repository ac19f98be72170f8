namespace CrossFormer.Checkpoints.Hub;

/// <summary>Downloads checkpoints and single files from the Hugging Face Hub into the cache that Python's <c>huggingface_hub</c> uses too.</summary>
public sealed class CheckpointHub
{
    private readonly HttpClient _client;
    private readonly HubOptions _options;
    private readonly Action<string, string>? _createLink;

    /// <summary>Describes where from and where to; nothing is sent yet.</summary>
    /// <param name="client">Not owned. Its handler must not follow redirects by itself, for what the Hub says about a file stands in the redirecting answer.</param>
    /// <param name="options">Addresses, token and patience.</param>
    public CheckpointHub(HttpClient client, HubOptions options) : this(client, options, createLink: null)
    {
    }

    internal CheckpointHub(HttpClient client, HubOptions options, Action<string, string>? createLink) =>
        (_client, _options, _createLink) = (client, options, createLink);

    /// <summary>
    /// Downloads what of a checkpoint is not in the cache yet: <c>config.json</c>, <c>dataset_statistics.json</c>,
    /// <c>example_batch.msgpack</c> and one step's files, nothing else. Every file is checked against the Hub's checksum. A
    /// download that breaks off goes on where it stopped, also in another process. When the Hub does not answer at all, the
    /// cached copy is used, and a note says so.
    /// </summary>
    /// <param name="reference">Repository and revision.</param>
    /// <param name="progress">Told of bytes and notes, from several threads.</param>
    /// <param name="parts">Whether parameters are wanted.</param>
    /// <param name="step">Training step; null: the newest.</param>
    /// <param name="cancellation">Ends the download; what has arrived is kept.</param>
    /// <returns>The snapshot's folder, which <see cref="CrossFormerModel.LoadPretrained"/> opens.</returns>
    /// <exception cref="HubException">It cannot be had; the message says what to do.</exception>
    public Task<string> DownloadAsync(
        HubReference reference, IProgress<HubProgress>? progress = null, CheckpointParts parts = CheckpointParts.All, int? step = null, CancellationToken cancellation = default)
    {
        var cache = new HubCache(_options.CacheFolder, reference, _createLink);
        var cached = Cached(cache, step, parts, out var problem);
        return FetchAsync(reference, cache, cached, problem, listed => HubSelection.Of(listed, parts, step, reference), progress, cancellation);
    }

    /// <summary>Downloads one file of a repository, under the same rules.</summary>
    /// <param name="reference">Repository and revision.</param>
    /// <param name="file">Its path in the repository.</param>
    /// <param name="progress">Told of bytes and notes, from several threads.</param>
    /// <param name="cancellation">Ends the download; what has arrived is kept.</param>
    /// <returns>Its path in the cache.</returns>
    /// <exception cref="HubException">It cannot be had; the message says what to do.</exception>
    public async Task<string> DownloadFileAsync(HubReference reference, string file, IProgress<HubProgress>? progress = null, CancellationToken cancellation = default)
    {
        var cache = new HubCache(_options.CacheFolder, reference, _createLink);
        var cached = cache.CachedCommit() is { } commit && File.Exists(Path.Combine(cache.Snapshot(commit), file)) ? cache.Snapshot(commit) : null;
        var folder = await FetchAsync(
            reference, cache, cached, $"{cache.Folder} does not hold {file} of revision {reference.Revision}", listed => HubSelection.OfFile(listed, file, reference), progress, cancellation).ConfigureAwait(false);
        return Path.Combine(folder, file);
    }

    private async Task<string> FetchAsync(
        HubReference reference, HubCache cache, string? cached, string problem, Func<IReadOnlyList<HubFile>, HubSelection> select, IProgress<HubProgress>? progress, CancellationToken cancellation)
    {
        if (_options.IsOffline)
            return cached ?? throw new HubException(HubFailure.Offline, $"{reference}: HF_HUB_OFFLINE is set, and {problem}. Download it once without HF_HUB_OFFLINE.");

        var tally = new DownloadTally(progress);
        var transport = new HubTransport(_client, _options);
        // Who has a copy to work with need not wait for a Hub that is away.
        var listing = new HubApi(transport, new HubRetry(cached is null ? _options : _options with { Attempts = 1 }, tally.Note), reference);
        string commit;
        IReadOnlyList<HubFile> listed;
        try
        {
            (commit, var names) = await listing.ReadRevisionAsync(cancellation).ConfigureAwait(false);
            listed = await listing.ListFilesAsync(commit, cancellation).ConfigureAwait(false) ?? names;
        }
        catch (HubException e) when (e.Failure == HubFailure.Unreachable && cached is not null)
        {
            tally.Note($"{e.Message} Using the copy of commit {Path.GetFileName(cached)[..8]} in the cache.");
            return cached;
        }

        var selection = select(listed);
        var retry = new HubRetry(_options, tally.Note);
        var blobs = new HubBlobs(transport, new HubApi(transport, retry, reference), retry, cache, _options, tally);
        var missing = selection.All.Where(f => !cache.Has(commit, f)).ToList();
        tally.Start(missing);
        await Parallel.ForEachAsync(
            missing.Where(f => f != selection.Last),
            new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = cancellation },
            async (file, token) => await blobs.FetchAsync(file, commit, token).ConfigureAwait(false)).ConfigureAwait(false);
        // Last: a step counts as there when its tree is.
        if (selection.Last is { } last && missing.Contains(last))
            await blobs.FetchAsync(last, commit, cancellation).ConfigureAwait(false);
        cache.WriteReference(commit);
        return cache.Snapshot(commit);
    }

    // What an earlier download, this program's or Python's, left complete.
    private static string? Cached(HubCache cache, int? step, CheckpointParts parts, out string problem)
    {
        if (cache.CachedCommit() is not { } commit)
        {
            problem = $"{cache.Folder} does not hold revision {cache.Revision}";
            return null;
        }

        var folder = cache.Snapshot(commit);
        foreach (var name in HubSelection.Sidecars)
        {
            if (!File.Exists(Path.Combine(folder, name)))
            {
                problem = $"{folder} lacks {name}";
                return null;
            }
        }

        if (parts == CheckpointParts.All)
        {
            var directory = OrbaxDirectory.Open(folder);
            var isThere = step is { } wanted && directory.Steps.Count > 0 ? directory.Steps.Contains(wanted) : directory.Steps.Count > 0 || directory.HasSafetensors;
            if (!isThere)
            {
                problem = $"{folder} lacks the parameters{(step is null ? "" : $" of step {step}")}";
                return null;
            }
        }

        problem = "";
        return folder;
    }
}
