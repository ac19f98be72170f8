using System.Xml.Linq;
using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.Verbs;

/// <summary>The act verb on real Bridge episodes, with untrained weights.</summary>
public sealed class ActVerbTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crossformer-act-").FullName;

    private static string Bridge => Goldens.SharedPath("data", "bridge");

    [Fact]
    public async Task Json_HoldsTheFixedFieldsAndTheReport()
    {
        var page = Path.Combine(_folder, "report.html");
        var run = await CommandRun.OfAsync("act", "--dataset", Bridge, "--episode", "3", "--out", page, "--json");

        Assert.True(run.ExitCode == ExitCode.Done, run.Error);
        Assert.Equal(("bridge_dataset", 3, 10), (run.Json["dataset"]!.GetValue<string>(), run.Json["episode"]!.GetValue<int>(), run.Json["steps"]!.GetValue<int>()));
        foreach (var field in new[] { "mae", "baseline_last_action", "baseline_mean_action" })
            Assert.Equal(7, run.Json[field]!.AsArray().Count);
        Assert.True(run.Json["p50_ms"]!.GetValue<double>() <= run.Json["p95_ms"]!.GetValue<double>());
        Assert.Equal(page, run.Json["report"]!.GetValue<string>());
        Assert.Contains("untrained", run.Json["notice"]!.GetValue<string>());
        var html = File.ReadAllText(page);
        Assert.Contains("untrained", html);
        Assert.Equal("html", XDocument.Parse(html[html.IndexOf("<html", StringComparison.Ordinal)..]).Root!.Name.LocalName);
    }

    [Fact]
    public async Task Checkpoint_OfAnotherImageSize_IsGivenItsOwnSize()
    {
        var run = await CommandRun.OfAsync("act", "--checkpoint", Goldens.File("checkpoints", "msgpack"), "--dataset", Bridge, "--out", Path.Combine(_folder, "r.html"), "--json");

        Assert.True(run.ExitCode == ExitCode.Done, run.Error);
        Assert.Null(run.Json["notice"]);
        Assert.All(run.Json["mae"]!.AsArray(), e => Assert.True(double.IsFinite(e!.GetValue<double>())));
    }

    [Fact]
    public async Task BaselineOfTheLastAction_IsThatOfTheRecordedActions()
    {
        var run = await CommandRun.OfAsync("act", "--dataset", Bridge, "--split", "val", "--episode", "0", "--goal", "-1", "--out", Path.Combine(_folder, "r.html"), "--json");

        Assert.True(run.ExitCode == ExitCode.Done, run.Error);
        var actions = Data.Rlds.RldsDataset.Open(Bridge).ReadEpisode("val", 0).Steps.Array("action");
        var (values, steps) = (actions.ToSingles(), actions.Shape[0]);
        for (var d = 0; d < 7; d++)
        {
            var expected = Enumerable.Range(1, steps - 1).Average(t => Math.Abs((double)values[(t - 1) * 7 + d] - values[t * 7 + d]));
            Assert.Equal(expected, run.Json["baseline_last_action"]!.AsArray()[d]!.GetValue<double>(), 1e-9);
        }
    }

    [Fact]
    public async Task UnknownInstruction_NamesTheNearestKnownOnes()
    {
        var run = await CommandRun.OfAsync("act", "--dataset", Bridge, "--instruction", "turn lever vertical to fron", "--out", Path.Combine(_folder, "r.html"));

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("turn lever vertical to front", run.Error);
        Assert.Empty(Directory.EnumerateFiles(_folder));
    }

    [Theory]
    [InlineData("--strategy", "sometimes", "whole, receding:N or ensemble:W")]
    [InlineData("--episode", "999", "episodes")]
    [InlineData("--embodiment", "octopus", "octopus")]
    [InlineData("--split", "tarin", "tarin")]
    public async Task WrongOption_IsAUsageErrorThatSaysWhatIsKnown(string option, string value, string message)
    {
        var run = await CommandRun.OfAsync("act", "--dataset", Bridge, option, value, "--out", Path.Combine(_folder, "r.html"));

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(message, run.Error);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
