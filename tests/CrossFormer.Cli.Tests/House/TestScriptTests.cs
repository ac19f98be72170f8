using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.House;

/// <summary>./test.sh in a small copy of the repository, with stand-ins for dotnet and for the test assemblies.</summary>
public sealed class TestScriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TestScriptTests()
    {
        foreach (var file in new[] { "test.sh", "build/dotnet.sh" })
            _folder.Write(file, File.ReadAllText(Path.Combine(Goldens.Repository, file)), executable: true);
        _folder.Write("sdk/dotnet", "#!/usr/bin/env bash\n[ \"$1\" != build ] || [ ! -e break-the-build ]\n", executable: true);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task LastLine_SumsAllAssemblies()
    {
        AddAssembly("A", passed: 5, failed: 0, skipped: 1);
        AddAssembly("B", passed: 7, failed: 0, skipped: 2);

        var run = await RunAsync();

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("12 passed, 0 failed, 3 skipped", LastLine(run));
    }

    [Fact]
    public async Task Failure_IsCountedAndTheOtherAssembliesStillRun()
    {
        AddAssembly("A", passed: 5, failed: 2, skipped: 0);
        AddAssembly("B", passed: 7, failed: 0, skipped: 0);

        var run = await RunAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("12 passed, 2 failed, 0 skipped", LastLine(run));
    }

    [Fact]
    public async Task Crash_IsAFailureThatNamesTheAssembly()
    {
        AddAssembly("A", body: "kill -SEGV $$");
        AddAssembly("B", passed: 7, failed: 0, skipped: 0);

        var run = await RunAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("FAILED: A.Tests ended with exit code 139", run.Output);
        Assert.Equal("7 passed, 1 failed, 0 skipped", LastLine(run));
    }

    [Fact]
    public async Task CrashAfterTheReport_IsAFailureBesideWhatPassed()
    {
        AddAssembly("A", passed: 5, failed: 0, skipped: 0, end: "exit 134");

        Assert.Equal("5 passed, 1 failed, 0 skipped", LastLine(await RunAsync()));
    }

    [Fact]
    public async Task AssemblyThatWasNotBuilt_IsAFailure()
    {
        Directory.CreateDirectory(_folder["tests", "A.Tests"]);

        Assert.Equal("0 passed, 1 failed, 0 skipped", LastLine(await RunAsync()));
    }

    [Fact]
    public async Task FailedBuild_IsAFailureAndRunsNothing()
    {
        AddAssembly("A", passed: 5, failed: 0, skipped: 0);
        _folder.Write("break-the-build", "");

        var run = await RunAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("0 passed, 1 failed, 0 skipped", LastLine(run));
    }

    [Theory]
    [InlineData("", "-trait- Category=Slow|")]
    [InlineData("goldens", "-trait Category=Goldens|")]
    [InlineData("slow", "-trait Category=Slow|")]
    [InlineData("--no-avx512", "-trait- Category=Slow|0")]
    [InlineData("goldens --no-avx512", "-trait Category=Goldens|0")]
    public async Task Argument_SelectsTestsAndInstructionSets(string arguments, string expected)
    {
        AddAssembly("A", body: "echo \"${*: -2}|$DOTNET_EnableAVX512\"");

        var run = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Contains($"{expected}\n", run.Output);
    }

    [Fact]
    public async Task UnknownArgument_ShowsTheUsageAndRunsNothing()
    {
        AddAssembly("A", body: "echo ran");

        var run = await RunAsync("golden");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("./test.sh goldens", run.Error);
        Assert.DoesNotContain("ran", run.Output);
    }

    private static string LastLine(ProcessRun run) => run.Output.TrimEnd().Split('\n')[^1];

    private void AddAssembly(string name, int passed, int failed, int skipped, string end = "") => AddAssembly(name, $"""
        while [ "$1" != -result-xml ]; do shift; done
        echo '<assemblies><assembly name="x" errors="0" failed="{failed}" not-run="9" passed="{passed}" skipped="{skipped}" total="0"><collection failed="99" passed="99"/></assembly></assemblies>' >"$2"
        {(end.Length > 0 ? end : $"exit {(failed > 0 ? 1 : 0)}")}
        """);

    private void AddAssembly(string name, string body) =>
        _folder.Write($"tests/{name}.Tests/bin/Release/net10.0/{name}.Tests", $"#!/usr/bin/env bash\n{body}\n", executable: true);

    private Task<ProcessRun> RunAsync(params string[] arguments) => ProcessRun.OfAsync(
        _folder["test.sh"],
        arguments,
        environment: [("PATH", $"{_folder["sdk"]}:{Environment.GetEnvironmentVariable("PATH")}"), ("DOTNET_EnableAVX512", null), ("DOTNET_EnableAVX512F", null)]);
}
