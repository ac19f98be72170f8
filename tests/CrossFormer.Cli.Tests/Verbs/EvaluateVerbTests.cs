using System.Text.Json.Nodes;
using CrossFormer.Training.Runs;
using CrossFormer.Training.Tests.Runs;

namespace CrossFormer.Cli.Tests.Verbs;

/// <summary><c>evaluate</c> tells a run's errors over its validation split, several runs side by side.</summary>
public sealed class EvaluateVerbTests : IDisposable
{
    private const int Frames = 12, Dimensions = 2;
    private readonly SmallRobot _robot = new();

    [Fact]
    public async Task OneRun_HasItsErrorsByDimensionAndMode()
    {
        var folder = Train("run");
        var run = await CommandRun.OfAsync("evaluate", folder, "--json");

        Assert.True(run.ExitCode == ExitCode.Done, run.Error);
        var results = run.Json["checkpoints"]![folder]!.AsArray();
        Assert.Equal(["image_conditioned", "text_conditioned"], results.Select(r => (string)r!["mode"]!).Order());
        foreach (var result in results)
        {
            Assert.Equal(("small_robot", "arm", Frames), ((string)result!["dataset"]!, (string)result["head"]!, (int)result["frames"]!));
            foreach (var errors in new[] { "first_action", "chunk", "last_action", "mean_action" })
                Assert.All(Numbers(result[errors]), v => Assert.InRange(v, 1e-6, 10));
        }

        // Baselines need no model, and so no mode.
        Assert.Equal(Numbers(results[0]!["mean_action"]), Numbers(results[1]!["mean_action"]));
    }

    [Fact]
    public async Task TwoRuns_StandSideBySide()
    {
        var (first, second) = (Train("first"), Train("second", "seed=8"));
        var run = await CommandRun.OfAsync("evaluate", first, second, "--mode", "unconditioned");

        Assert.True(run.ExitCode == ExitCode.Done, run.Error);
        Assert.Contains($"small_robot, Unconditioned: {Frames} frames", run.Output);
        var header = run.Output.Split('\n').Single(l => l.Contains("dimension", StringComparison.Ordinal));
        Assert.Contains(first, header);
        Assert.Contains(second, header);
    }

    [Fact]
    public async Task Step_ChoosesTheCheckpoint()
    {
        var folder = Train("run", "checkpoints.keep=3");
        var (early, late) = (await CommandRun.OfAsync("evaluate", folder, "--step", "2", "--json"), await CommandRun.OfAsync("evaluate", folder, "--json"));
        Assert.NotEqual(Numbers(early.Json["checkpoints"]![folder]![0]!["chunk"]), Numbers(late.Json["checkpoints"]![folder]![0]!["chunk"]));
    }

    [Fact]
    public async Task StepsOfOneRun_StandSideBySide()
    {
        var folder = Train("run", "checkpoints.keep=3");
        var both = await CommandRun.OfAsync("evaluate", folder, "--step", "2", "--step", "4", "--json");
        var checkpoints = both.Json["checkpoints"]!.AsObject();
        Assert.Equal([$"{folder}, step 2", $"{folder}, step 4"], checkpoints.Select(c => c.Key));
        foreach (var (name, results) in checkpoints)
        {
            var alone = await CommandRun.OfAsync("evaluate", folder, "--step", name[^1..], "--json");
            Assert.Equal(Numbers(alone.Json["checkpoints"]![folder]![0]!["chunk"]), Numbers(results![0]!["chunk"]));
        }
    }

    [Fact]
    public async Task CheckpointWithoutConfiguration_SaysWhatToGive()
    {
        var folder = Train("run");
        File.Delete(Path.Combine(folder, "training.json"));
        var run = await CommandRun.OfAsync("evaluate", folder);
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("--config", run.Error);
    }

    public void Dispose() => _robot.Dispose();

    private string Train(string name, params string[] overrides)
    {
        using var run = new TrainingRun(_robot.Configuration(name, ["validation.batches=0", .. overrides]));
        return run.Finish().Checkpoint;
    }

    private static double[] Numbers(JsonNode? list)
    {
        var numbers = list!.AsArray().Select(v => (double)v!).ToArray();
        Assert.Equal(Dimensions, numbers.Length);
        return numbers;
    }
}
