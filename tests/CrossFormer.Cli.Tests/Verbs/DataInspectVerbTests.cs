using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.Verbs;

/// <summary><c>data inspect</c> tells what a dataset holds.</summary>
public sealed class DataInspectVerbTests
{
    [Fact]
    public async Task Bridge_HasItsSplitsEpisodesAndSteps()
    {
        var run = await CommandRun.OfAsync("data", "inspect", Goldens.SharedPath("data", "bridge"), "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal("bridge_dataset", run.Json["dataset"]!.GetValue<string>());
        Assert.Equal(["train", "val"], run.Json["splits"]!.AsObject().Select(s => s.Key).Order());
        Assert.Equal(50, run.Json["splits"]!.AsObject().Sum(s => s.Value!["episodes"]!.GetValue<int>()));
    }
}
