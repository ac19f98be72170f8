using System.IO.Compression;
using System.Xml.Linq;
using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.House;

public sealed class PackageTests(PackageTests.Feed feed) : IClassFixture<PackageTests.Feed>
{
    private static readonly string[] Packages = ["CrossFormer", "CrossFormer.Core", "CrossFormer.Data", "CrossFormer.Reports"];

    [Fact]
    public void Pack_MakesTheLibrariesWithSymbols() => Assert.Equal(
        Packages.SelectMany(p => new[] { $"{p}.0.1.0.nupkg", $"{p}.0.1.0.snupkg" }).Order(),
        Directory.GetFiles(feed.Path).Select(f => Path.GetFileName(f)).Order());

    [Theory]
    [InlineData("CrossFormer")]
    [InlineData("CrossFormer.Core")]
    [InlineData("CrossFormer.Data")]
    [InlineData("CrossFormer.Reports")]
    public void Package_CarriesReadmeLicenceNoticesAndDocumentation(string package)
    {
        using var zip = ZipFile.OpenRead(Path.Combine(feed.Path, $"{package}.0.1.0.nupkg"));
        using var nuspec = zip.GetEntry($"{package}.nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single().Elements().ToLookup(e => e.Name.LocalName, e => e.Value);

        Assert.Equal("MIT", metadata["license"].Single());
        Assert.NotEmpty(metadata["description"].Single());
        Assert.NotNull(zip.GetEntry(metadata["readme"].Single()));
        Assert.NotNull(zip.GetEntry("THIRD-PARTY-NOTICES.md"));
        Assert.NotNull(zip.GetEntry($"lib/net10.0/{package}.xml"));
    }

    [Fact]
    public async Task Sample_OfAUserCompilesAndRunsOnThePackages()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in new[] { "Directory.Build.props", "FirstSteps/FirstSteps.csproj", "FirstSteps/Program.cs" })
            folder.Write(file, await File.ReadAllTextAsync(Path.Combine(Goldens.Repository, "samples", file), TestContext.Current.CancellationToken));
        folder.Write("nuget.config", $"""<configuration><packageSources><add key="feed" value="{feed.Path}" /></packageSources></configuration>""");

        // Our packages are unpacked here and vanish with the folder; all others come from the cache that the build has filled.
        var cache = await ProcessRun.OfAsync("dotnet", ["msbuild", "src/CrossFormer", "-getProperty:NuGetPackageRoot"], Goldens.Repository);
        var run = await ProcessRun.OfAsync(
            "dotnet",
            ["run", "-c", "Release", "--project", "FirstSteps", Goldens.File("checkpoints", "msgpack")],
            folder.Path,
            [("NUGET_PACKAGES", folder["packages"]), ("NUGET_FALLBACK_PACKAGES", cache.Output.Trim())]);

        Assert.True(run.ExitCode == 0, run.Said);
        Assert.Contains("float32[4,7]", run.Output);
    }

    /// <summary>The library packages, packed once from what the build has made.</summary>
    public sealed class Feed : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        public string Path => _folder.Path;

        public async ValueTask InitializeAsync()
        {
            // …/bin/Release/net10.0/: the libraries beside this test assembly were built in the same configuration.
            var configuration = Directory.GetParent(AppContext.BaseDirectory.TrimEnd('/'))!.Name;
            foreach (var package in Packages)
            {
                var run = await ProcessRun.OfAsync("dotnet", ["pack", $"src/{package}", "--no-build", "-c", configuration, "-o", Path, "-nologo"], Goldens.Repository);
                Assert.True(run.ExitCode == 0, run.Said);
            }
        }

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
