using System.CommandLine;
using Spectre.Console;

namespace CrossFormer.Cli.Tests;

public sealed class CommandLineTests
{
    public static TheoryData<string> VerbNames => [.. AllVerbs(CommandLine.Verbs(), "").Select(v => v.Path)];

    [Fact]
    public async Task NoArguments_ListEveryVerbWithALineAndAnExample()
    {
        var run = await CommandRun.OfAsync();

        Assert.Equal(ExitCode.Done, run.ExitCode);
        foreach (var (path, verb) in AllVerbs(CommandLine.Verbs(), ""))
        {
            Assert.Contains(path, run.Output);
            Assert.Contains(verb.Description!, run.Output);
            Assert.Contains(verb.Example, run.Output);
        }
    }

    [Theory]
    [MemberData(nameof(VerbNames))]
    public async Task Help_ShowsAnExampleThatNamesTheVerb(string path)
    {
        var run = await CommandRun.OfAsync([.. path.Split(' '), "--help"]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains($"  ./crossformer {path}", run.Output[run.Output.IndexOf("Example", StringComparison.Ordinal)..]);
    }

    [Theory]
    [MemberData(nameof(VerbNames))]
    public async Task UnknownOption_IsAUsageErrorThatNamesIt(string path)
    {
        var run = await CommandRun.OfAsync([.. path.Split(' '), "--no-such-option"]);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.StartsWith($"crossformer {path}: ", run.Error);
        Assert.Contains("--no-such-option", run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [MemberData(nameof(VerbNames))]
    public async Task Examples_ParseWithoutErrors(string path)
    {
        var verb = AllVerbs(CommandLine.Verbs(), "").Single(v => v.Path == path).Verb;

        var run = await CommandRun.OfAsync([.. verb.Example.Split(' ')[1..], "--help"]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
    }

    [Fact]
    public async Task UnknownVerb_IsAUsageErrorThatNamesTheVerbs()
    {
        var run = await CommandRun.OfAsync("docter");

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("'docter'", run.Error);
        Assert.Contains("doctor", run.Error);
    }

    [Fact]
    public async Task Group_WithoutItsVerbIsAUsageErrorThatNamesTheVerbs()
    {
        var run = await CommandRun.OfAsync([new Command("group", "holds verbs") { new StubVerb(() => new StubResult(1)) }], "group");

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.StartsWith("crossformer group: ", run.Error);
        Assert.Contains("stub", run.Error);
    }

    [Fact]
    public async Task Result_IsTextUnlessJsonIsAskedFor()
    {
        Assert.Equal("seven point five\n", (await RunStub(() => new StubResult(7.5))).Output);
        Assert.Equal("{\"p50_ms\":7.5,\"peak_gflops_float32\":{\"Kept_As-Is\":1}}\n", (await RunStub(() => new StubResult(7.5), "--json")).Output);
    }

    [Fact]
    public async Task Notes_NeverReachStandardOutput()
    {
        var run = await RunStub(() => new StubResult(1), "--json");

        Assert.Equal(1, run.Json["p50_ms"]!.GetValue<double>());
        Assert.Equal("a note\n", run.Error);
    }

    [Fact]
    public async Task Exception_IsOneLineNamingTheVerb()
    {
        var run = await RunStub(() => throw new IOException("the file is\nshort"));

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.EndsWith("crossformer stub: the file is short\n", run.Error);
        Assert.DoesNotContain(nameof(CommandLineTests), run.Error);
    }

    [Fact]
    public async Task Exception_ShowsItsTraceWithVerbose()
    {
        var run = await RunStub(() => throw new IOException("short"), "--verbose");

        Assert.Contains(nameof(CommandLineTests), run.Error);
    }

    [Fact]
    public async Task Exception_WithJsonIsStillOneObject()
    {
        var run = await RunStub(() => throw new IOException("short"), "--json");

        Assert.Equal("short", run.Json["error"]!.GetValue<string>());
    }

    [Fact]
    public async Task Exception_IsUnwrappedFromThoseThatSayNothing()
    {
        var run = await RunStub(() => throw new AggregateException(new TypeInitializationException("T", new DllNotFoundException("no libtorch"))));

        Assert.EndsWith("crossformer stub: no libtorch\n", run.Error);
    }

    [Fact]
    public async Task UsageException_IsAUsageErrorThatPointsToHelp()
    {
        var run = await RunStub(() => throw new UsageException("Give --goal or --instruction, not both."));

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("crossformer stub --help", run.Error);
    }

    [Fact]
    public async Task WrongUsage_WithJsonIsStillOneObject()
    {
        var run = await RunStub(() => new StubResult(1), "--json", "--no-such-option");

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("--no-such-option", run.Json["error"]!.GetValue<string>());
    }

    private static Task<CommandRun> RunStub(Func<VerbResult> run, params string[] args) => CommandRun.OfAsync([new StubVerb(run)], ["stub", .. args]);

    private static IEnumerable<(string Path, Verb Verb)> AllVerbs(IEnumerable<Command> commands, string prefix) =>
        commands.SelectMany(c => c is Verb verb ? [(prefix + c.Name, verb)] : AllVerbs(c.Subcommands, $"{prefix}{c.Name} "));

    private sealed class StubVerb(Func<VerbResult> run) : Verb("stub", "stands in for a verb", "./crossformer stub")
    {
        protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
        {
            await Task.Yield();
            terminal.Note("a note");
            return run();
        }
    }

    private sealed record StubResult(double P50Ms) : VerbResult
    {
        public IReadOnlyDictionary<string, int> PeakGflopsFloat32 { get; } = new Dictionary<string, int> { ["Kept_As-Is"] = 1 };

        public override void WriteText(IAnsiConsole console) => console.MarkupLine("[bold]seven point five[/]");
    }
}
