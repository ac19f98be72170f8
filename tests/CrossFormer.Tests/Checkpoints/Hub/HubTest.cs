using System.Collections.Concurrent;
using CrossFormer.Checkpoints.Hub;

namespace CrossFormer.Tests.Checkpoints.Hub;

/// <summary>A Hub, a cache, and downloads from one into the other.</summary>
public abstract class HubTest : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    internal static HubReference Tiny { get; } = HubReference.Parse("hf://robots/tiny");

    internal FakeHub Hub { get; private protected set; } = new();

    internal string Repository => _folder["models--robots--tiny"];

    internal HubOptions Options => new() { CacheFolder = _folder.Path, Endpoint = Hub.Url, RetryDelay = TimeSpan.FromMilliseconds(1), Attempts = 3 };

    internal ConcurrentQueue<HubProgress> Progress { get; } = [];

    internal IEnumerable<string> Notes => Progress.Select(p => p.Note).OfType<string>();

    internal string BlobOf(string file) => Path.Combine(Repository, "blobs", FakeHub.ETag(Hub.Files[file]));

    public void Dispose()
    {
        _client.Dispose();
        Hub.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    internal Task<string> DownloadAsync(
        HubOptions? options = null, HubReference? reference = null, int? step = null, CheckpointParts parts = CheckpointParts.All, Action<string, string>? createLink = null,
        CancellationToken? cancellation = null) =>
        new CheckpointHub(_client, options ?? Options, createLink)
            .DownloadAsync(reference ?? Tiny, new Queue(Progress), parts, step, cancellation ?? TestContext.Current.CancellationToken);

    internal Task<string> DownloadFileAsync(string file, HubOptions? options = null) =>
        new CheckpointHub(_client, options ?? Options).DownloadFileAsync(Tiny, file, new Queue(Progress), TestContext.Current.CancellationToken);

    internal async Task<HubException> FailAsync(HubFailure failure, HubOptions? options = null, int? step = null)
    {
        var exception = await Assert.ThrowsAsync<HubException>(() => DownloadAsync(options, step: step));
        Assert.Equal(failure, exception.Failure);
        return exception;
    }

    internal void AssertSame(string folder, params string[] files)
    {
        foreach (var file in files)
            Assert.Equal(Hub.Files[file], File.ReadAllBytes(Path.Combine(folder, file)));
    }

    private sealed class Queue(ConcurrentQueue<HubProgress> reports) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => reports.Enqueue(value);
    }
}
