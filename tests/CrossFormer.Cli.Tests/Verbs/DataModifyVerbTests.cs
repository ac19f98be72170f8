using CrossFormer.Cli.Tests.House;
using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.Verbs;

public sealed class DataModifyVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Json_TellsWhatWasWritten()
    {
        var bridge = Goldens.SharedPath("data", "bridge");

        var run = await CommandRun.OfAsync("data", "modify", bridge, _folder.Path, "--resize", "32", "--jpeg-quality", "80", "--drop", "image_1", "image_2", "language_embedding", "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal("""{"train":{"episodes":25,"steps":250},"val":{"episodes":25,"steps":250}}""", run.Json["splits"]!.ToJsonString());
        var features = run.Json["features"]!.AsObject();
        Assert.Equal("uint8[32,32,3]", features["steps/observation/image_0"]!.GetValue<string>());
        Assert.False(features.ContainsKey("steps/observation/image_1") || features.ContainsKey("steps/language_embedding"));
    }

    [Theory]
    [InlineData(ExitCode.Usage, "exclude each other", "--jpeg", "--png")]
    [InlineData(ExitCode.Failed, "There is no feature 'nix'", "--drop", "nix")]
    [InlineData(ExitCode.Failed, "does not say which episodes succeeded", "--success-only")]
    public async Task WrongOptions_AreNamed(int exitCode, string problem, params string[] options)
    {
        var run = await CommandRun.OfAsync(["data", "modify", Goldens.File("rlds", "plain"), _folder.Path, .. options]);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(problem, run.Error);
    }
}
