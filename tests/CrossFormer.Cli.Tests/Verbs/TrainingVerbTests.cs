using CrossFormer.Training.Tests.Runs;

namespace CrossFormer.Cli.Tests.Verbs;

public sealed class TrainingVerbTests : IDisposable
{
    private readonly SmallRobot _robot = new();

    public void Dispose() => _robot.Dispose();

    [Fact]
    public async Task TrainThenFinetune_SayWhatCameOfIt()
    {
        var train = await Run("train", "pretrained", "validation.batches=1");
        Assert.Equal((ExitCode.Done, 6, true), (train.ExitCode, (int)train.Json["steps"]!, (bool)train.Json["finished"]!));
        Assert.True((double)train.Json["loss"]! > 0 && (double)train.Json["samples_per_s"]! > 0);
        Assert.True(File.Exists((string)train.Json["report"]!));
        Assert.Equal(2, train.Json["validation"]!.AsArray().Count);

        var pretrained = (string)train.Json["checkpoint"]!;
        var finetune = await Run("finetune", "tuned", "model=null", $"finetune.pretrained={pretrained}", "finetune.head=arm", "finetune.mode=head_only", "validation.batches=0");
        Assert.Equal((ExitCode.Done, _robot.In("tuned")), (finetune.ExitCode, (string)finetune.Json["checkpoint"]!));
        Assert.Equal(0, (int)finetune.Json["parameters"]!["new"]!);
        Assert.True((int)finetune.Json["parameters"]!["loaded"]! > 10);
        Assert.Contains("trained: heads_arm", finetune.Error);
    }

    [Fact]
    public async Task OtherVerbsConfiguration_IsRefused()
    {
        var run = await Run("finetune", "run");
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("finetune", run.Error);
    }

    private Task<CommandRun> Run(string verb, string run, params string[] changes) => CommandRun.OfAsync(
        [verb, "--config", _robot.ConfigurationPath, "--json", .. changes.Prepend($"folder={_robot.In(run)}").Prepend($"data.folder={_robot.Path}").SelectMany(c => new[] { "--set", c })]);
}
