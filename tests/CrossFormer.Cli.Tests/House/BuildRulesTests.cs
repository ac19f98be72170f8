using System.Text.Json.Nodes;
using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.House;

/// <summary>What the build promises: banned symbols are errors, one native backend, the one-bit fix.</summary>
public sealed class BuildRulesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task BannedSymbol_IsAnErrorThatSaysWhatToDoInstead()
    {
        var root = Goldens.Repository;
        _folder.Write("Banned.csproj", $"""
            <Project>
              <PropertyGroup><DirectoryPackagesPropsPath>{root}/Directory.Packages.props</DirectoryPackagesPropsPath></PropertyGroup>
              <Import Project="{root}/Directory.Build.props" />
              <Import Project="Sdk.props" Sdk="Microsoft.NET.Sdk" />
              <Import Project="Sdk.targets" Sdk="Microsoft.NET.Sdk" />
            </Project>
            """);
        _folder.Write("Clock.cs", "namespace Banned;\n\ninternal static class Clock\n{\n    public static System.DateTime Read() => System.DateTime.Now;\n}\n");

        var run = await DotnetAsync(["build", "-v", "quiet", "-nologo"], _folder.Path);

        Assert.Equal(1, run.ExitCode);
        Assert.True(run.Output.Contains("error RS0030") && run.Output.Contains("Take a TimeProvider."), run.Said);
    }

    [Theory]
    [InlineData("cpu", "libtorch-cpu-linux-x64", "TorchSharp-cuda-linux")]
    [InlineData("cuda", "TorchSharp-cuda-linux", "libtorch-cpu-linux-x64")]
    public async Task Backend_IsExactlyOne(string backend, string there, string absent)
    {
        var run = await DotnetAsync(["msbuild", "src/CrossFormer.Cli", "-getItem:PackageReference", $"-p:Backend={backend}"], Goldens.Repository);

        var packages = JsonNode.Parse(run.Output)!["Items"]!["PackageReference"]!.AsArray().Select(p => p!["Identity"]!.GetValue<string>()).ToList();
        Assert.Contains(there, packages);
        Assert.DoesNotContain(absent, packages);
    }

    [Fact]
    public async Task UnknownBackend_IsAnErrorThatNamesTheKnown()
    {
        var run = await DotnetAsync(["msbuild", "src/CrossFormer.Cli", "-t:CheckBackend", "-p:Backend=rocm", "-nologo"], Goldens.Repository);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("expected 'cpu' or 'cuda'", run.Output);
    }

    [Fact]
    public void LockFiles_ExistForEveryProjectAndNameNoFeed()
    {
        var projects = new[] { "src", "tests" }.SelectMany(f => Directory.GetFiles(Path.Combine(Goldens.Repository, f), "*.csproj", SearchOption.AllDirectories)).ToList();

        Assert.NotEmpty(projects);
        Assert.All(projects, p =>
        {
            var file = Path.Combine(Path.GetDirectoryName(p)!, "packages.lock.json");
            Assert.True(File.Exists(file), $"{file} is absent: dotnet restore CrossFormer.slnx");
            Assert.DoesNotContain("://", File.ReadAllText(file));
        });
    }

    [Theory]
    [InlineData("true", "cpu", "true", "")]
    [InlineData(null, "cpu", "", "")]
    [InlineData("true", "cuda", "", "packages.cuda.lock.json")]
    public async Task LockFiles_AreEnforcedByCIForTheTestedBackend(string? ci, string backend, string locked, string path)
    {
        var run = await DotnetAsync(
            ["msbuild", "src/CrossFormer.Cli", "-getProperty:RestoreLockedMode,NuGetLockFilePath", $"-p:Backend={backend}"], Goldens.Repository, ci);

        var properties = JsonNode.Parse(run.Output)!["Properties"]!;
        Assert.Equal(locked, properties["RestoreLockedMode"]!.GetValue<string>());
        Assert.Equal(path, properties["NuGetLockFilePath"]!.GetValue<string>());
    }

    [Fact]
    public async Task TorchSharpFix_ChangesOneBit()
    {
        var original = await File.ReadAllBytesAsync(await OriginalAsync(), TestContext.Current.CancellationToken);
        var used = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "runtimes/linux-x64/native/libLibTorchSharp.so"), TestContext.Current.CancellationToken);

        Assert.Equal(original.Length, used.Length);
        var change = Assert.Single(Enumerable.Range(0, used.Length).Where(i => used[i] != original[i]).Select(i => used[i] ^ original[i]));
        Assert.Equal(2, change);
    }

    [Fact]
    public async Task TorchSharpFix_RefusesAFileThatIsNoLibrary()
    {
        var run = await FixAsync(_folder.Write("libLibTorchSharp.so", "a text"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("expected a little-endian 64-bit ELF file", run.Output);
        Assert.False(File.Exists(_folder["fixed.so"]));
    }

    [Fact]
    public async Task TorchSharpFix_RefusesATruncatedLibrary()
    {
        var whole = await File.ReadAllBytesAsync(await OriginalAsync(), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_folder["short.so"], whole[..(whole.Length / 2)], TestContext.Current.CancellationToken);

        var run = await FixAsync(_folder["short.so"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("not laid out as expected", run.Output);
    }

    [Fact]
    public async Task TorchSharpFix_RefusesWhenAnotherSymbolNeedsTheVersion()
    {
        var run = await FixAsync(await OriginalAsync(), symbol: "another");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("found _ZSt21ios_base_library_initv", run.Output);
    }

    [Fact]
    public async Task TorchSharpFix_RefusesWhenTheSymbolIsUsed()
    {
        // memcpy's version is needed by symbols that the code does call.
        var run = await FixAsync(await OriginalAsync(), version: "GLIBC_2.14", symbol: "memcpy");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("expected no relocation that uses memcpy", run.Output);
    }

    [Fact]
    public async Task TorchSharpFix_WarnsWhenItIsNoLongerNeeded()
    {
        var original = await OriginalAsync();

        var run = await FixAsync(original, version: "GLIBCXX_9.9.9");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("no longer needs GLIBCXX_9.9.9", run.Output);
        Assert.Equal(await File.ReadAllBytesAsync(original, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(_folder["fixed.so"], TestContext.Current.CancellationToken));
    }

    private Task<ProcessRun> FixAsync(string source, string version = "GLIBCXX_3.4.32", string symbol = "_ZSt21ios_base_library_initv")
    {
        _folder.Write("fix.proj", $"""
            <Project>
              <Import Project="{Goldens.Repository}/build/TorchSharp.Compat.targets" />
              <Target Name="Fix">
                <WeakenVersionNeed Source="{source}" Destination="{_folder["fixed.so"]}" Version="{version}" Symbol="{symbol}" />
              </Target>
            </Project>
            """);
        return DotnetAsync(["msbuild", "fix.proj", "-t:Fix", "-nologo"], _folder.Path);
    }

    private static async Task<string> OriginalAsync()
    {
        var run = await DotnetAsync(["msbuild", "src/CrossFormer", "-getProperty:NuGetPackageRoot"], Goldens.Repository);
        return Path.Combine(run.Output.Trim(), "torchsharp", "0.107.0", "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
    }

    // Without CI's locked mode: the projects made here have no lock files.
    private static Task<ProcessRun> DotnetAsync(string[] arguments, string folder, string? ci = null) =>
        ProcessRun.OfAsync("dotnet", arguments, folder, [("CI", ci)]);
}
