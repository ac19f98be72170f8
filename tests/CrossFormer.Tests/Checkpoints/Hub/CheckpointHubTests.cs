using CrossFormer.Checkpoints;
using CrossFormer.Checkpoints.Hub;

namespace CrossFormer.Tests.Checkpoints.Hub;

/// <summary>What is downloaded, what is not, and how it lies in the cache.</summary>
public sealed class CheckpointHubTests : HubTest
{
    private static readonly string[] Needed = ["config.json", "dataset_statistics.json", "example_batch.msgpack", "7/default/_METADATA", FakeHub.Tree];

    [Fact]
    public async Task Download_LaysFilesOutAsPythonDoes()
    {
        var folder = await DownloadAsync();

        Assert.Equal(Path.Combine(Repository, "snapshots", Hub.Head), folder);
        Assert.Equal(Hub.Head, File.ReadAllText(Path.Combine(Repository, "refs", "main")));
        Assert.Equal(Needed.Select(BlobOf).Order(), Directory.GetFiles(Path.Combine(Repository, "blobs")).Order());
        AssertSame(folder, Needed);
        Assert.Equal($"../../blobs/{FakeHub.ETag(Hub.Files["config.json"])}", new FileInfo(Path.Combine(folder, "config.json")).LinkTarget);
        Assert.Equal($"../../../../blobs/{FakeHub.ETag(Hub.Files[FakeHub.Tree])}", new FileInfo(Path.Combine(folder, FakeHub.Tree)).LinkTarget);
    }

    [Fact]
    public async Task Download_AsksForNothingThatACheckpointDoesNotNeed()
    {
        await DownloadAsync();

        Assert.Equal(Needed.Order(), Hub.FilesAsked.Order());
    }

    [Theory]
    [InlineData("msgpack", CheckpointForm.Msgpack)]
    [InlineData("ocdbt", CheckpointForm.Ocdbt)]
    [InlineData("zarr", CheckpointForm.Zarr)]
    public async Task Download_OpensInEveryForm(string name, CheckpointForm form)
    {
        Hub.Dispose();
        Hub = new FakeHub(name);

        var parameters = OrbaxDirectory.Open(await DownloadAsync()).ReadParameters();

        Assert.Equal((7, form, 68), (parameters.Step, parameters.Form, parameters.Arrays.Count));
        foreach (var array in parameters.Arrays.Values)
            array.Read();
        // A step counts as there when its tree is: so the tree must come last.
        Assert.Equal(FakeHub.Tree, Hub.FilesAsked.Last());
    }

    [Fact]
    public async Task OneFile_IsDownloadedAloneAndFoundOffline()
    {
        var path = await DownloadFileAsync("pictures/arm.png");

        Assert.Equal(Hub.Files["pictures/arm.png"], File.ReadAllBytes(path));
        Assert.Equal(["pictures/arm.png"], Hub.FilesAsked);
        Assert.Equal(path, await DownloadFileAsync("pictures/arm.png", Options with { IsOffline = true }));
        var offline = await Assert.ThrowsAsync<HubException>(() => DownloadFileAsync("README.md", Options with { IsOffline = true }));
        Assert.Equal(HubFailure.Offline, offline.Failure);
        var absent = await Assert.ThrowsAsync<HubException>(() => DownloadFileAsync("params.npz"));
        Assert.Equal(HubFailure.NotFound, absent.Failure);
        Assert.Contains("README.md", absent.Message);
    }

    [Fact]
    public async Task SecondDownload_AsksForNoFile()
    {
        await DownloadAsync();
        var (before, reports) = (Hub.FilesAsked.Count(), Progress.Count);

        await DownloadAsync();

        Assert.Equal(before, Hub.FilesAsked.Count());
        Assert.Equal(reports, Progress.Count);
    }

    [Fact]
    public async Task FilesThatPythonDownloaded_AreFound()
    {
        foreach (var name in Needed)
        {
            var pointer = Path.Combine(Repository, "snapshots", Hub.Head, name);
            Directory.CreateDirectory(Path.GetDirectoryName(pointer)!);
            Directory.CreateDirectory(Path.Combine(Repository, "blobs"));
            File.WriteAllBytes(BlobOf(name), Hub.Files[name]);
            File.CreateSymbolicLink(pointer, Path.GetRelativePath(Path.GetDirectoryName(pointer)!, BlobOf(name)));
        }

        AssertSame(await DownloadAsync(), Needed);
        Assert.Empty(Hub.FilesAsked);
    }

    [Fact]
    public async Task NewCommit_DownloadsOnlyWhatChanged()
    {
        var old = await DownloadAsync();
        var before = Hub.FilesAsked.Count();
        Hub.Commit("main", new(Hub.Files) { ["config.json"] = "{}"u8.ToArray() });

        var folder = await DownloadAsync();

        Assert.Equal(["config.json"], Hub.FilesAsked.Skip(before));
        Assert.NotEqual(old, folder);
        AssertSame(folder, Needed);
        Assert.Equal(Hub.Head, File.ReadAllText(Path.Combine(Repository, "refs", "main")));
        Assert.NotEqual("{}", File.ReadAllText(Path.Combine(old, "config.json")));
    }

    [Fact]
    public async Task Revision_IsABranchATagOrACommit()
    {
        var first = Hub.Head;
        Hub.Revisions["refs/pr/1"] = first;
        Hub.Commit("main", new(Hub.Files) { ["config.json"] = "{}"u8.ToArray() });

        var branch = await DownloadAsync(reference: HubReference.Parse("hf://robots/tiny@refs/pr/1"));
        var commit = await DownloadAsync(reference: HubReference.Parse($"hf://robots/tiny@{first}"));

        Assert.Equal(Path.Combine(Repository, "snapshots", first), branch);
        Assert.Equal(branch, commit);
        Assert.Equal(first, File.ReadAllText(Path.Combine(Repository, "refs", "refs", "pr", "1")));
        Assert.False(File.Exists(Path.Combine(Repository, "refs", first)));
    }

    [Fact]
    public async Task Description_LeavesTheParametersWhereTheyAre()
    {
        var folder = await DownloadAsync(parts: CheckpointParts.Description);

        Assert.Equal(Needed[..3], Hub.FilesAsked.Order());
        Assert.Empty(OrbaxDirectory.Open(folder).Steps);
    }

    [Fact]
    public async Task Step_IsTheNewestOrTheOneAskedFor()
    {
        Assert.Equal([7], OrbaxDirectory.Open(await DownloadAsync()).Steps);
        Assert.Equal([3, 7], OrbaxDirectory.Open(await DownloadAsync(step: 3)).Steps);
        Assert.Contains("it has 3, 7", (await FailAsync(HubFailure.NotFound, step: 5)).Message);
    }

    [Fact]
    public async Task Repository_ThatIsNoCheckpointSaysWhatItLacks()
    {
        Hub.Commit("main", new() { ["README.md"] = [1], ["config.json"] = [1] });

        Assert.Contains("expected dataset_statistics.json in it", (await FailAsync(HubFailure.NotFound)).Message);
    }

    [Fact]
    public async Task Safetensors_AreDownloadedWhenThereAreNoSteps()
    {
        var files = Hub.Files.Where(f => !f.Key.Contains('/')).ToDictionary();
        files["model.safetensors"] = new byte[150_000];
        Hub.Commit("main", files);

        AssertSame(await DownloadAsync(), "model.safetensors", "config.json");
    }

    [Fact]
    public async Task ListOfFiles_IsReadToItsLastPage()
    {
        Hub.Dispose();
        Hub = new FakeHub { PageSize = 2 };

        AssertSame(await DownloadAsync(), Needed);
        Assert.Equal((Hub.Files.Count + 1) / 2, Hub.HubRequests.Count(r => r.Path.Contains("/tree/")));
    }

    [Fact]
    public async Task MirrorThatCannotList_IsAskedFileByFile()
    {
        Hub.Intercept = request => request.Path.Contains("/tree/") ? LoopbackServer.Answer.OfStatus(404) : null;

        AssertSame(await DownloadAsync(), Needed);
        Assert.Equal(Needed.Length, Hub.HubRequests.Count(r => r.Method == "HEAD"));
        Assert.True(File.Exists(BlobOf(FakeHub.Tree)));
    }

    [Fact]
    public async Task ConcurrentDownloads_FetchEachFileOnce()
    {
        var folders = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => DownloadAsync())));

        Assert.Single(folders.Distinct());
        AssertSame(folders[0], Needed);
        Assert.Equal(Needed.Order(), Hub.FilesAsked.Order());
    }

    [Fact]
    public async Task WithoutLinks_TheSnapshotHoldsTheFilesThemselves()
    {
        static void NoLinks(string path, string target) => throw new IOException("This file system has no links.");

        var folder = await DownloadAsync(createLink: NoLinks);
        Assert.Null(new FileInfo(Path.Combine(folder, "config.json")).LinkTarget);
        AssertSame(folder, Needed);
        Assert.Empty(Directory.GetFiles(Path.Combine(Repository, "blobs")));

        var before = Hub.FilesAsked.Count();
        await DownloadAsync(createLink: NoLinks);
        Assert.Equal(before, Hub.FilesAsked.Count());
    }

    [Fact]
    public async Task Progress_ReachesTheSizeOfAllFiles()
    {
        await DownloadAsync();

        var size = Needed.Sum(n => (long)Hub.Files[n].Length);
        Assert.All(Progress, p => Assert.Equal(size, p.Size));
        Assert.Equal(size, Progress.Max(p => p.Bytes));
        Assert.Empty(Notes);
    }

    [Fact]
    public async Task Offline_UsesTheCacheAndSendsNothing()
    {
        var folder = await DownloadAsync();
        var before = Hub.HubRequests.Count;

        Assert.Equal(folder, await DownloadAsync(Options with { IsOffline = true }));
        Assert.Equal(before, Hub.HubRequests.Count);
    }

    [Fact]
    public async Task Offline_SaysWhatTheCacheLacks()
    {
        var offline = Options with { IsOffline = true };
        var nothing = await FailAsync(HubFailure.Offline, offline);
        await DownloadAsync(parts: CheckpointParts.Description);
        var parameters = await FailAsync(HubFailure.Offline, offline);
        await DownloadAsync();
        var step = await FailAsync(HubFailure.Offline, offline, step: 3);

        Assert.Contains("does not hold revision main", nothing.Message);
        Assert.Contains("lacks the parameters", parameters.Message);
        Assert.Contains("of step 3", step.Message);
        Assert.All([nothing, parameters, step], e => Assert.Contains("without HF_HUB_OFFLINE", e.Message));
    }
}
