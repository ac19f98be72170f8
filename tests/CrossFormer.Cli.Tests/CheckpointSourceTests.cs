using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Cli.Tests.House;
using CrossFormer.Formats;
using CrossFormer.Tests.Checkpoints.Hub;
using CrossFormer.Training.Tests.Runs;

namespace CrossFormer.Cli.Tests;

/// <summary>Checkpoints named hf://… In a process of its own, for the environment says where the Hub is.</summary>
public sealed class CheckpointSourceTests : IDisposable
{
    private readonly TemporaryFolder _home = new();
    private readonly FakeHub _hub = new();

    public void Dispose()
    {
        _hub.Dispose();
        _home.Dispose();
    }

    [Fact]
    public async Task Spec_DownloadsTheDescriptionOnly()
    {
        var run = await RunAsync(["spec", "hf://robots/tiny", "--json"]);

        Assert.True(run.ExitCode == ExitCode.Done, run.Said);
        Assert.Equal(213_011, JsonNode.Parse(run.Output)!["parameters"]!.GetValue<long>());
        Assert.DoesNotContain(FakeHub.Tree, _hub.FilesAsked);
    }

    [Fact]
    public async Task Inspect_DownloadsOnceSaysSoOnStandardErrorAndWorksOfflineAfterwards()
    {
        string[] arguments = ["checkpoint", "inspect", "hf://robots/tiny", "--json"];
        var first = await RunAsync(arguments);
        var offline = await RunAsync(arguments, ("HF_HUB_OFFLINE", "1"));

        Assert.True(first.ExitCode == ExitCode.Done, first.Said);
        Assert.Equal(68, JsonNode.Parse(first.Output)!["leaves"]!.GetValue<int>());
        Assert.Contains("hf://robots/tiny: 0.9 of 0.9 MiB", first.Error);
        Assert.True(offline.ExitCode == ExitCode.Done, offline.Said);
        Assert.Empty(offline.Error);
        Assert.Equal(_hub.FilesAsked.Distinct(), _hub.FilesAsked);
    }

    [Fact]
    public async Task Refusal_IsOneLineThatSaysWhatToSet()
    {
        _hub.Intercept = _ => LoopbackServer.Answer.OfStatus(401);

        var run = await RunAsync(["spec", "hf://robots/tiny"]);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.StartsWith("crossformer spec: hf://robots/tiny: 127.0.0.1 answers 401", run.Error);
        Assert.Contains("set HF_TOKEN", run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData(true, "the model has no ResNet-26 encoder")]
    [InlineData(false, "hf://robots/tiny has no file params.npz")]
    public async Task Train_FetchesTheEncodersWeights(bool published, string said)
    {
        using var robot = new SmallRobot();
        if (published)
        {
            using var weights = new MemoryStream();
            Npz.Write(weights, [new("conv_root/kernel", new MemoryArray(NdArray.From<float>([1], 1)))]);
            _hub.Commit("main", new(_hub.Files) { ["params.npz"] = weights.ToArray() });
        }

        var run = await RunAsync(["train", "--config", robot.ConfigurationPath, "--set", $"folder={robot.In("run")}", "--set", $"data.folder={robot.Path}", "--set", "initialize_encoders.path=hf://robots/tiny"]);

        Assert.NotEqual(ExitCode.Done, run.ExitCode);
        Assert.Contains(said, run.Error);
        Assert.Equal(published ? ["params.npz"] : [], _hub.FilesAsked);
    }

    private Task<ProcessRun> RunAsync(string[] arguments, params (string Name, string? Value)[] environment) => ProcessRun.OfAsync(
        Path.Combine(AppContext.BaseDirectory, "CrossFormer.Cli"),
        arguments,
        environment: [("HF_ENDPOINT", _hub.Url.ToString()), ("HF_HOME", _home.Path), ("HF_HUB_CACHE", null), ("HUGGINGFACE_HUB_CACHE", null), ("HF_TOKEN", null), ("HF_HUB_OFFLINE", null), .. environment]);
}
