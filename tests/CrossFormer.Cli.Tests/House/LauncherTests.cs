namespace CrossFormer.Cli.Tests.House;

public sealed class LauncherTests : IDisposable
{
    private readonly LauncherSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task FirstRun_BuildsReleaseThenRunsWithArgumentsAndExitCode()
    {
        var run = await _sandbox.RunAsync("act", "--goal", "two words", "7");

        Assert.Equal(7, run.ExitCode);
        Assert.Equal($"{_sandbox.Elsewhere}|act --goal two words 7|PASSIVE\n", run.Output);
        Assert.Contains("-c Release", Assert.Single(_sandbox.Builds));
    }

    [Fact]
    public async Task FirstRun_SaysThatItBuildsInOneLineOnStandardError()
    {
        var run = await _sandbox.RunAsync("doctor");

        Assert.StartsWith("crossformer: building", Assert.Single(run.Error.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task SecondRun_NeitherBuildsNorSaysAnything()
    {
        await _sandbox.RunAsync("doctor");

        var run = await _sandbox.RunAsync("doctor");

        Assert.Single(_sandbox.Builds);
        Assert.Empty(run.Error);
    }

    [Theory]
    [InlineData("src/CrossFormer.Cli/Program.cs")]
    [InlineData("src/CrossFormer/CrossFormer.csproj")]
    [InlineData("build/dotnet.sh")]
    [InlineData("Directory.Build.props")]
    [InlineData("Directory.Build.targets")]
    [InlineData("configs/arm.json")]
    [InlineData("global.json")]
    public async Task NewerSource_IsBuiltOnce(string file)
    {
        await _sandbox.RunAsync();
        _sandbox.Touch(file);

        await _sandbox.RunAsync();
        await _sandbox.RunAsync();

        Assert.Equal(2, _sandbox.Builds.Count);
    }

    [Fact]
    public async Task DeletedSource_IsBuiltAgain()
    {
        await _sandbox.RunAsync();
        File.Delete(_sandbox["src/CrossFormer/Model.cs"]);

        await _sandbox.RunAsync();

        Assert.Equal(2, _sandbox.Builds.Count);
    }

    [Fact]
    public async Task DeletedProgram_IsBuiltAgain()
    {
        await _sandbox.RunAsync();
        File.Delete(_sandbox["src/CrossFormer.Cli/bin/Release/net10.0/CrossFormer.Cli"]);

        var run = await _sandbox.RunAsync();

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(2, _sandbox.Builds.Count);
    }

    [Theory]
    [InlineData("src/CrossFormer/obj/project.assets.json")]
    [InlineData("src/CrossFormer.Cli/bin/Release/net10.0/extra.dll")]
    [InlineData("tests/Other.cs")]
    public async Task NewerFileThatIsNoSource_IsNotBuilt(string file)
    {
        await _sandbox.RunAsync();
        _sandbox.Write(file, "");
        _sandbox.Touch(file);

        await _sandbox.RunAsync();

        Assert.Single(_sandbox.Builds);
    }

    [Fact]
    public async Task FailedBuild_ShowsItsWordsAndRunsNothing()
    {
        _sandbox.Write("break-the-build", "");

        var run = await _sandbox.RunAsync("doctor");

        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains("error CS0000", run.Error);
    }

    [Fact]
    public async Task FailedBuild_IsTriedAgain()
    {
        _sandbox.Write("break-the-build", "");
        await _sandbox.RunAsync();
        File.Delete(_sandbox["break-the-build"]);

        var run = await _sandbox.RunAsync();

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(2, _sandbox.Builds.Count);
    }

    [Fact]
    public async Task FailedRebuild_DoesNotRunTheOldProgram()
    {
        await _sandbox.RunAsync();
        _sandbox.Write("break-the-build", "");
        _sandbox.Touch("src/CrossFormer/Model.cs");

        var run = await _sandbox.RunAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task ConcurrentFirstRuns_BuildOnce()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _sandbox.RunAsync("doctor")));

        Assert.All(runs, r => Assert.Equal(0, r.ExitCode));
        Assert.Single(_sandbox.Builds);
    }

    [Fact]
    public async Task BuildServerThatStays_DoesNotKeepTheLock()
    {
        _sandbox.Write("leave-a-server", "");
        await _sandbox.RunAsync();
        File.Delete(_sandbox["leave-a-server"]);
        _sandbox.Touch("src/CrossFormer/Model.cs");

        var run = await _sandbox.RunAsync();

        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task SymbolicLink_LeadsToTheRepository()
    {
        var link = Path.Combine(_sandbox.Elsewhere, "cf");
        File.CreateSymbolicLink(link, _sandbox["crossformer"]);

        var run = await _sandbox.RunAsync(link, ["doctor"]);

        Assert.Equal($"{_sandbox.Elsewhere}|doctor|PASSIVE\n", run.Output);
    }

    [Fact]
    public async Task AbsentSdk_IsInstalledWithGlobalJsonSayingSo()
    {
        _sandbox.DotnetOnPath = false;
        var script = _sandbox.WriteInstallScript();

        var run = await _sandbox.RunAsync("doctor");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"installing one into {_sandbox.Root}/.dotnet with {script}", run.Error);
        Assert.Equal($"--jsonfile {_sandbox.Root}/global.json --install-dir {_sandbox.Root}/.dotnet --no-path\n", File.ReadAllText(_sandbox["install.log"]));
        Assert.Single(_sandbox.Builds);
    }

    [Fact]
    public async Task InstalledSdk_IsFoundAgain()
    {
        _sandbox.DotnetOnPath = false;
        _sandbox.WriteInstallScript();
        await _sandbox.RunAsync();
        File.Delete(_sandbox["install.log"]);
        _sandbox.Touch("src/CrossFormer/Model.cs");

        var run = await _sandbox.RunAsync();

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(2, _sandbox.Builds.Count);
        Assert.False(File.Exists(_sandbox["install.log"]));
    }

    [Fact]
    public async Task SdkThatGlobalJsonRefuses_CountsAsAbsent()
    {
        _sandbox.SpoilSdk();
        _sandbox.WriteInstallScript();

        var run = await _sandbox.RunAsync();

        Assert.Equal(0, run.ExitCode);
        Assert.True(File.Exists(_sandbox["install.log"]));
    }

    [Fact]
    public async Task FittingSdk_InstallsNothing()
    {
        _sandbox.WriteInstallScript();

        await _sandbox.RunAsync();

        Assert.False(File.Exists(_sandbox["install.log"]));
    }

    [Fact]
    public async Task InstallScriptThatFails_EndsWithAdvice()
    {
        _sandbox.DotnetOnPath = false;
        _sandbox.WriteInstallScript(works: false);

        var run = await _sandbox.RunAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("https://dotnet.microsoft.com/download", run.Error);
        Assert.Empty(_sandbox.Builds);
    }

    [Fact]
    public async Task InstallScriptThatCannotBeFetched_EndsWithAdvice()
    {
        _sandbox.DotnetOnPath = false;

        var run = await _sandbox.RunAsync(_sandbox["crossformer"], [], ("CROSSFORMER_DOTNET_INSTALL", "http://localhost:1/dotnet-install.sh"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("CROSSFORMER_DOTNET_INSTALL", run.Error);
    }

    [Fact]
    public async Task NativeLibraries_AreInstalledBeforeTheBuildOnly()
    {
        _sandbox.Write("build/install-native.sh", $"#!/usr/bin/env bash\necho x >>\"{_sandbox["native.log"]}\"\n", executable: true);

        await _sandbox.RunAsync();
        await _sandbox.RunAsync();

        Assert.Single(File.ReadAllLines(_sandbox["native.log"]));
    }

    [Fact]
    public async Task NativeLibrariesThatCannotBeInstalled_AreAWarning()
    {
        _sandbox.Write("build/install-native.sh", "#!/usr/bin/env bash\necho no rights\nexit 1\n", executable: true);

        var run = await _sandbox.RunAsync("doctor");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("no rights", run.Error);
        Assert.Single(_sandbox.Builds);
    }

    [Fact]
    public async Task AnotherBackend_IsBuilt()
    {
        await _sandbox.RunAsync();

        await _sandbox.RunAsync(_sandbox["crossformer"], [], ("CROSSFORMER_BACKEND", "cuda"));

        Assert.Contains("-p:Backend=cpu", _sandbox.Builds[0]);
        Assert.Contains("-p:Backend=cuda", _sandbox.Builds[1]);
    }

    [Fact]
    public async Task OmpWaitPolicy_OfTheUserStays()
    {
        var run = await _sandbox.RunAsync(_sandbox["crossformer"], ["x"], ("OMP_WAIT_POLICY", "ACTIVE"));

        Assert.EndsWith("|x|ACTIVE\n", run.Output);
    }
}
