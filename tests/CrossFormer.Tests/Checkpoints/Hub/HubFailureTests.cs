using CrossFormer.Checkpoints.Hub;
using Answer = CrossFormer.Tests.Checkpoints.Hub.LoopbackServer.Answer;

namespace CrossFormer.Tests.Checkpoints.Hub;

/// <summary>Connections that break, servers that refuse, and answers that lie.</summary>
public sealed class HubFailureTests : HubTest
{
    private const int CutAfter = 70_000;

    private byte[] Tree => Hub.Files[FakeHub.Tree];

    [Fact]
    public async Task BrokenConnection_GoesOnWhereItStopped()
    {
        Hub.InterceptContent = request => request.Range is null ? new Answer(200, Tree) { CutAfter = CutAfter } : null;

        AssertSame(await DownloadAsync(), FakeHub.Tree);
        Assert.Equal([null, $"bytes={CutAfter}-"], Hub.ContentRequests.Select(r => r.Range));
        Assert.Contains("broke off", Assert.Single(Notes));
    }

    [Fact]
    public async Task IncompleteFileOfAnotherProcess_GoesOnWhereItStopped()
    {
        Directory.CreateDirectory(Path.Combine(Repository, "blobs"));
        File.WriteAllBytes(BlobOf(FakeHub.Tree) + ".incomplete", Tree[..CutAfter]);

        AssertSame(await DownloadAsync(), FakeHub.Tree);
        Assert.Equal($"bytes={CutAfter}-", Assert.Single(Hub.ContentRequests).Range);
        Assert.False(File.Exists(BlobOf(FakeHub.Tree) + ".incomplete"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task IncompleteFile_ThatIsWholeOrTooLongIsDealtWith(int excess)
    {
        Directory.CreateDirectory(Path.Combine(Repository, "blobs"));
        File.WriteAllBytes(BlobOf(FakeHub.Tree) + ".incomplete", [.. Tree, .. new byte[excess]]);

        AssertSame(await DownloadAsync(), FakeHub.Tree);
        Assert.Equal(excess, Hub.ContentRequests.Count);
    }

    [Fact]
    public async Task ServerWithoutRanges_IsReadFromTheStart()
    {
        Hub.InterceptContent = request => new Answer(200, Tree) { HasRanges = false, CutAfter = request.Range is null ? CutAfter : null };

        AssertSame(await DownloadAsync(), FakeHub.Tree);
        Assert.Equal(2, Hub.ContentRequests.Count);
    }

    [Fact]
    public async Task StalledConnection_IsBrokenOffAndGoesOn()
    {
        Hub.InterceptContent = request => request.Range is null ? new Answer(200, Tree) { CutAfter = CutAfter, Stalls = true } : null;

        AssertSame(await DownloadAsync(Options with { StallTimeout = TimeSpan.FromSeconds(1) }), FakeHub.Tree);
        Assert.Contains(Notes, n => n.Contains("nothing came for 1 s"));
    }

    [Fact]
    public async Task ConnectionThatAlwaysBreaks_IsGivenUpAndWhatArrivedIsKept()
    {
        Hub.InterceptContent = request => new Answer(200, Tree) { CutAfter = request.Range is null ? CutAfter : 0 };

        var exception = await FailAsync(HubFailure.Unreachable);

        Assert.Contains($"{CutAfter} bytes", exception.Message);
        Assert.Equal(Options.Attempts, Hub.ContentRequests.Count);
        Assert.Equal(CutAfter, new FileInfo(BlobOf(FakeHub.Tree) + ".incomplete").Length);
        Assert.False(File.Exists(Path.Combine(Repository, "refs", "main")));
    }

    [Theory]
    [InlineData(FakeHub.Tree)]
    [InlineData("config.json")]
    public async Task WrongBytes_AreDeletedAndNamed(string file)
    {
        var wrong = (byte[])Hub.Files[file].Clone();
        wrong[^1] ^= 1;
        Hub.Intercept = request => request.Path.EndsWith("config.json") && file == "config.json" ? new Answer(200, wrong) : null;
        Hub.InterceptContent = _ => new Answer(200, wrong);

        var exception = await FailAsync(HubFailure.Corrupt);

        Assert.Contains(file, exception.Message);
        Assert.Contains(FakeHub.ETag(Hub.Files[file]), exception.Message);
        Assert.Contains(FakeHub.ETag(wrong), exception.Message);
        Assert.False(File.Exists(BlobOf(file)));
        Assert.False(File.Exists(BlobOf(file) + ".incomplete"));
    }

    [Fact]
    public async Task MoreBytesThanAnnounced_AreRefused()
    {
        Hub.InterceptContent = _ => new Answer(200, [.. Tree, 0]);

        Assert.Contains("sends more", (await FailAsync(HubFailure.Corrupt)).Message);
        Assert.False(File.Exists(BlobOf(FakeHub.Tree)));
    }

    [Fact]
    public async Task AnotherFileThanListed_IsRefused()
    {
        Hub.Intercept = request => request.Path.EndsWith("config.json") ? new Answer(200, [1]).With("ETag", $"\"{FakeHub.GitHash([1])}\"") : null;

        Assert.Contains($"the server offers {FakeHub.GitHash([1])}", (await FailAsync(HubFailure.Protocol)).Message);
    }

    [Fact]
    public async Task TruncatedFileInTheCache_IsDownloadedAgain()
    {
        var folder = await DownloadAsync();
        File.WriteAllBytes(BlobOf(FakeHub.Tree), Tree[..CutAfter]);

        Assert.Equal(folder, await DownloadAsync());
        AssertSame(folder, FakeHub.Tree);
    }

    [Fact]
    public async Task ServerErrors_AreTriedAgain()
    {
        var failures = 0;
        Hub.Intercept = request => request.Path.EndsWith("config.json") && failures++ < 2 ? Answer.OfStatus(failures == 1 ? 503 : 429).With("Retry-After", "0") : null;

        AssertSame(await DownloadAsync(), "config.json");
        Assert.Equal(3, failures);
        Assert.Equal(2, Notes.Count());
    }

    [Fact]
    public async Task ServerErrors_AreGivenUpInTheEnd()
    {
        Hub.Intercept = _ => Answer.OfStatus(500);

        Assert.Contains("500", (await FailAsync(HubFailure.Unreachable)).Message);
        Assert.Equal(Options.Attempts, Hub.HubRequests.Count);
    }

    [Fact]
    public async Task LongWait_IsLeftToTheUser()
    {
        Hub.Intercept = _ => Answer.OfStatus(429).With("Retry-After", "3600");

        Assert.Contains("asks to wait 3600 s", (await FailAsync(HubFailure.Unreachable)).Message);
        Assert.Single(Hub.HubRequests);
    }

    [Theory]
    [InlineData(401, null, HubFailure.Denied, "set HF_TOKEN")]
    [InlineData(403, "secret", HubFailure.Denied, "must first be asked for")]
    [InlineData(404, null, HubFailure.NotFound, "Check owner, name and revision")]
    public async Task Refusal_IsNotTriedAgainAndSaysWhatToDo(int status, string? token, HubFailure failure, string advice)
    {
        Hub.Intercept = _ => Answer.OfStatus(status).With("X-Error-Code", "GatedRepo").With("X-Error-Message", "Access is restricted.");

        var exception = await FailAsync(failure, Options with { Token = token });

        Assert.Contains(advice, exception.Message);
        Assert.Contains("GatedRepo: Access is restricted.", exception.Message);
        Assert.Contains("hf://robots/tiny", exception.Message);
        Assert.DoesNotContain("secret", exception.Message);
        Assert.Single(Hub.HubRequests);
    }

    [Fact]
    public async Task Token_IsSentToTheHubOnly()
    {
        await DownloadAsync(Options with { Token = "secret" });

        Assert.All(Hub.HubRequests, r => Assert.Equal("Bearer secret", r.Authorization));
        Assert.NotEmpty(Hub.ContentRequests);
        Assert.All(Hub.ContentRequests, r => Assert.Null(r.Authorization));
    }

    [Fact]
    public async Task UnreachableHub_IsReplacedByTheCachedCopyWithANote()
    {
        var folder = await DownloadAsync();
        var before = Hub.HubRequests.Count;
        Hub.Intercept = _ => Answer.OfStatus(503);

        Assert.Equal(folder, await DownloadAsync());
        Assert.Equal(before + 1, Hub.HubRequests.Count);
        Assert.Contains($"Using the copy of commit {Hub.Head[..8]}", Assert.Single(Notes));
    }

    [Fact]
    public async Task UnreachableHub_IsAnErrorWithoutACachedCopy()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var exception = await FailAsync(HubFailure.Unreachable, Options with { Endpoint = new Uri($"http://127.0.0.1:{port}") });

        Assert.Contains("127.0.0.1 does not answer", exception.Message);
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("7/default/../../../../evil")]
    [InlineData("/tmp/evil")]
    [InlineData("7/default/a\\..\\evil")]
    [InlineData("7//evil")]
    [InlineData("7/./evil")]
    [InlineData("7/default/a\0b")]
    public async Task NameOutsideTheRepository_IsRefusedBeforeAnythingIsDownloaded(string name)
    {
        Hub.Commit("main", new(Hub.Files) { [name] = [1] });

        Assert.Contains("outside the repository", (await FailAsync(HubFailure.Protocol)).Message);
        Assert.Empty(Hub.FilesAsked);
    }

    [Theory]
    [InlineData("{\"sha\": \"../../evil\"}")]
    [InlineData("{\"sha\": 7}")]
    [InlineData("{}")]
    [InlineData("<html>")]
    public async Task AnswerThatIsNoHubs_IsAnErrorThatNamesTheAddress(string body)
    {
        Hub.Intercept = _ => Answer.Json(body);

        Assert.Contains($"{Hub.Url}api/models/robots/tiny/revision/main", (await FailAsync(HubFailure.Protocol)).Message);
    }

    [Fact]
    public async Task ETagThatIsNoFileName_IsRefused()
    {
        Hub.Intercept = request => request.Path.Contains("/tree/") ? Answer.OfStatus(404)
            : request.Method == "HEAD" ? Answer.OfStatus(200).With("ETag", "\"../../evil\"") : null;

        Assert.Contains("gives no ETag", (await FailAsync(HubFailure.Protocol)).Message);
    }

    [Theory]
    [InlineData("/robots/tiny/resolve/again", "more than 10 redirects")]
    [InlineData("ftp://127.0.0.1/file", "not followed")]
    public async Task Redirects_EndSomewhere(string location, string problem)
    {
        Hub.Intercept = request => request.Path.Contains("/resolve/") ? Answer.OfStatus(302).With("Location", location) : null;

        Assert.Contains(problem, (await FailAsync(HubFailure.Protocol)).Message);
    }

    [Fact]
    public async Task ClientThatFollowsRedirects_IsRefused()
    {
        using var client = new HttpClient();

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            new CheckpointHub(client, Options).DownloadAsync(Tiny, cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Cancellation_KeepsWhatArrived()
    {
        using var cancellation = new CancellationTokenSource();
        Hub.InterceptContent = _ => new Answer(200, Tree) { CutAfter = CutAfter, Stalls = true };
        var download = DownloadAsync(cancellation: cancellation.Token);
        var incomplete = new FileInfo(BlobOf(FakeHub.Tree) + ".incomplete");
        while (!incomplete.Exists || incomplete.Length == 0)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
            incomplete.Refresh();
        }

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download);
        Assert.InRange(incomplete.Length, 1, CutAfter);
    }
}
