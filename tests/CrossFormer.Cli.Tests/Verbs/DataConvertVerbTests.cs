using CrossFormer.Cli.Tests.House;
using CrossFormer.Data.Rlds;
using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.Verbs;

public sealed class DataConvertVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("aloha", "auto", "aloha", 2, 19)]
    [InlineData("libero.hdf5", "libero", "libero", 3, 20)]
    [InlineData("lerobot_v21_images", "lerobot", "lerobot", 1, 12)]
    [InlineData("folder", "folder", "folder", 2, 19)]
    public async Task Json_TellsWhatWasWritten(string name, string from, string form, int episodes, int steps)
    {
        var run = await CommandRun.OfAsync("data", "convert", Goldens.File("foreign", name), _folder.Path, "--from", from, "--name", "mine", "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal(form, run.Json["from"]!.GetValue<string>());
        Assert.Equal($$$"""{"train":{"episodes":{{{episodes}}},"steps":{{{steps}}}}}""", run.Json["splits"]!.ToJsonString());
        Assert.Equal(episodes, RldsDataset.Open(run.Json["out"]!.GetValue<string>()).EpisodeCount("train"));
    }

    [Fact]
    public async Task Masks_BecomeSplits()
    {
        var run = await CommandRun.OfAsync("data", "convert", Goldens.File("foreign", "robomimic.hdf5"), _folder.Path, "--json");

        Assert.Equal("""{"train":{"episodes":2,"steps":13},"val":{"episodes":1,"steps":7}}""", run.Json["splits"]!.ToJsonString());
        Assert.Equal("robomimic", run.Json["dataset"]!.GetValue<string>());
    }

    [Fact]
    public async Task ImagesAreResizedAndFeaturesDropped()
    {
        var run = await CommandRun.OfAsync(
            "data", "convert", Goldens.File("foreign", "aloha"), _folder.Path, "--resize", "24x32", "--drop", "effort", "observation/qvel", "--fps", "50", "--instruction", "uncap the pen", "--json");

        var features = run.Json["features"]!.AsObject();
        Assert.Equal("uint8[24,32,3]", features["steps/observation/cam_high"]!.GetValue<string>());
        Assert.False(features.ContainsKey("steps/observation/effort") || features.ContainsKey("steps/observation/qvel"));
        var episode = RldsDataset.Open(run.Json["out"]!.GetValue<string>()).ReadEpisode("train", 0);
        Assert.Equal("uncap the pen", RecordedEpisode.Instruction(episode));
        Assert.Equal(0.02f, episode.Steps.Array("timestamp").ToSingles()[1]);
    }

    [Fact]
    public async Task AFinishedDataset_IsReplacedOnlyByForce()
    {
        string[] command = ["data", "convert", Goldens.File("foreign", "libero.hdf5"), _folder.Path];
        Assert.Equal(ExitCode.Done, (await CommandRun.OfAsync(command)).ExitCode);

        var again = await CommandRun.OfAsync(command);
        Assert.Equal(ExitCode.Failed, again.ExitCode);
        Assert.Contains("exists already", again.Error);
        Assert.Equal(ExitCode.Done, (await CommandRun.OfAsync([.. command, "--force"])).ExitCode);
    }

    [Theory]
    [InlineData("--resize", "0x3", ExitCode.Usage, "--resize")]
    [InlineData("--jpeg-quality", "101", ExitCode.Usage, "--jpeg-quality")]
    [InlineData("--from", "rosbag", ExitCode.Usage, "rosbag")]
    [InlineData("--drop", "nix", ExitCode.Failed, "There is no feature 'nix'; there are ")]
    [InlineData("--upside-down", "state", ExitCode.Failed, "There is no camera 'state'; there are observation/cam_high")]
    [InlineData("--name", "1st", ExitCode.Failed, "a letter")]
    [InlineData("--fps", "0", ExitCode.Failed, "positive")]
    public async Task WrongOptions_AreNamed(string option, string value, int exitCode, string problem)
    {
        var run = await CommandRun.OfAsync("data", "convert", Goldens.File("foreign", "aloha"), _folder.Path, option, value);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(problem, run.Error);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*.tfrecord*", SearchOption.AllDirectories));
    }
}
