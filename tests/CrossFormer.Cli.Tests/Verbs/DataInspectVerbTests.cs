using System.Xml.Linq;
using CrossFormer.Cli.Tests.House;
using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.Verbs;

/// <summary><c>data inspect</c> tells what a dataset holds, and draws it on one page.</summary>
public sealed class DataInspectVerbTests
{
    [Fact]
    public async Task Bridge_HasItsSplitsEpisodesAndSteps()
    {
        var run = await CommandRun.OfAsync("data", "inspect", Goldens.SharedPath("data", "bridge"), "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal("bridge_dataset", run.Json["dataset"]!.GetValue<string>());
        Assert.Equal([("train", 25, 250), ("val", 25, 250)], run.Json["splits"]!.AsObject().Select(s => (s.Key, (int)s.Value!["episodes"]!, (int)s.Value["steps"]!)));
        Assert.Equal("float32[7]", (string)run.Json["features"]!["steps/action"]!);
        Assert.Equal((7, 500), (run.Json["distributions"]!["action"]!.AsArray().Count, (int)run.Json["distributions"]!["action"]![0]!["count"]!));
        Assert.Contains(run.Json["findings"]!.AsArray(), f => ((string)f!).StartsWith("observation/image_3: black", StringComparison.Ordinal));
        Assert.Null(run.Json["report"]);
    }

    [Fact]
    public async Task Page_IsWellFormedAndLoadsNothing()
    {
        using var folder = new TemporaryFolder();
        var page = Path.Combine(folder.Path, "bridge.html");

        var run = await CommandRun.OfAsync("data", "inspect", Goldens.SharedPath("data", "bridge"), "--episodes", "3", "--out", page);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("3 of 25", run.Output);
        Assert.Contains(page, run.Output);
        var html = XDocument.Parse(File.ReadAllText(page)["<!DOCTYPE html>".Length..]);
        Assert.Contains(html.Descendants("h2"), h => h.Value == "observation/image_0");
        Assert.All(html.Descendants("img"), i => Assert.StartsWith("data:image/", i.Attribute("src")!.Value));
        // 14 dimensions of action and state, each with its histogram.
        Assert.Equal(14, html.Descendants("div").Where(d => d.Attribute("class")?.Value == "charts small").Elements("figure").Count());
    }

    [Fact]
    public async Task Folder_WithoutADatasetIsNamed()
    {
        using var folder = new TemporaryFolder();
        var run = await CommandRun.OfAsync("data", "inspect", folder.Path);
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("no dataset here", run.Error);
    }
}
