using CrossFormer.Cli.Tests.House;
using CrossFormer.Simulation.MuJoCo;
using CrossFormer.Simulation.Rendering;

namespace CrossFormer.Cli.Tests.Verbs;

public sealed class SimulateVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Evaluate_TellsSuccessesWithTheirInterval()
    {
        Require();
        var run = await CommandRun.OfAsync("simulate", "evaluate", "--task", "quadcopter", "--policy", "expert", "--episodes", "4", "--films", "1", "--out", _folder["page.html"], "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        var task = run.Json["tasks"]!["quadcopter"]!;
        Assert.Equal((4, 4), (task["episodes"]!.GetValue<int>(), task["successes"]!.GetValue<int>()));
        Assert.Equal(1, task["interval"]![1]!.GetValue<double>());
        var page = await File.ReadAllTextAsync(run.Json["report"]!.GetValue<string>(), TestContext.Current.CancellationToken);
        Assert.Contains("4 of each task, seeds 0 to 3", page);
        Assert.Equal(2, page.Split("class=\"film\"").Length);
    }

    [Theory]
    [InlineData("quadcopter")]
    [InlineData("scara")]
    public async Task Demos_MakesADatasetThatDataInspectReads(string name)
    {
        Require();
        var run = await CommandRun.OfAsync("simulate", "demos", "--task", name, "--episodes", "2", "--out", _folder["demos"], "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        var task = run.Json["tasks"]![name]!;
        var read = await CommandRun.OfAsync("data", "inspect", task["dataset"]!.GetValue<string>(), "--json");
        Assert.Equal(2, read.Json["splits"]!["train"]!["episodes"]!.GetValue<int>());
        Assert.Equal(task["steps"]!.GetValue<long>(), read.Json["splits"]!["train"]!["steps"]!.GetValue<long>());
    }

    [Fact]
    public async Task Evaluate_WithoutAPolicy_TakesTheShippedOne()
    {
        Require();
        var run = await CommandRun.OfAsync("simulate", "evaluate", "--task", "quadruped", "--episodes", "1", "--out", _folder["evaluate.html"], "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal(1, run.Json["tasks"]!["quadruped"]!["episodes"]!.GetValue<int>());
        Assert.Contains("cross_embodied_sim", File.ReadAllText(_folder["evaluate.html"]));
    }

    [Fact]
    public async Task Demos_MadeBefore_StandForThemselvesAndForNoOthers()
    {
        Require();
        string[] command = ["simulate", "demos", "--task", "quadcopter", "--episodes", "2", "--out", _folder["demos"], "--json"];
        var (first, again) = (await CommandRun.OfAsync(command), await CommandRun.OfAsync(command));
        Assert.Equal(first.Json["tasks"]!.ToJsonString(), again.Json["tasks"]!.ToJsonString());
        Assert.Equal(2, again.Json["tasks"]!["quadcopter"]!["successes"]!.GetValue<int>());

        var distracted = await CommandRun.OfAsync([.. command, "--distracted"]);
        Assert.Equal(ExitCode.Failed, distracted.ExitCode);
        Assert.Contains(", distracted.'", distracted.Error);
    }

    // Of several robots, the last that cannot be driven is found before the first is.
    [Fact]
    public async Task RobotsThatCannotDoIt_AreToldBeforeAnyBegins()
    {
        Require();
        var demos = await CommandRun.OfAsync("simulate", "demos", "--distracted", "--episodes", "1", "--out", _folder["demos"]);
        Assert.Equal(ExitCode.Failed, demos.ExitCode);
        Assert.Contains("bimanual has one thing to do", demos.Error);
        Assert.False(Directory.Exists(_folder["demos"]));
    }

    [Fact]
    public async Task Evaluate_MakesThePagesFolder()
    {
        Require();
        var page = Path.Combine(_folder["new"], "pages", "nav.html");
        var run = await CommandRun.OfAsync("simulate", "evaluate", "--task", "nav", "--policy", "noise", "--episodes", "1", "--films", "1", "--out", page, "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.True(File.Exists(page));
        var folder = await CommandRun.OfAsync("simulate", "evaluate", "--task", "nav", "--policy", "noise", "--episodes", "1", "--out", _folder["new"]);
        Assert.Equal(ExitCode.Usage, folder.ExitCode);
    }

    [Theory]
    [InlineData("evaluate", "--task", "juggling")]
    [InlineData("evaluate", "--episodes", "0")]
    [InlineData("evaluate", "--latency", "late")]
    [InlineData("demos", "--noise", "1.5")]
    [InlineData("demos", "--name", "all_robots")]
    public async Task WrongOptions_AreUsageErrors(string verb, string option, string value)
    {
        string[] policy = verb == "evaluate" ? ["--policy", "expert"] : [];
        var run = await CommandRun.OfAsync(["simulate", verb, option, value, .. policy]);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.True(run.Error.Contains(option) || run.Error.Contains(value), run.Error);
    }

    private static void Require()
    {
        Assert.SkipUnless(MuJoCoLibrary.Problem is null, MuJoCoLibrary.Problem ?? "");
        Assert.SkipUnless(OffscreenGl.Problem is null, OffscreenGl.Problem ?? "");
    }
}
