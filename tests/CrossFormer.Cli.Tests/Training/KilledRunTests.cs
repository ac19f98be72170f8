using System.Diagnostics;
using System.Runtime.InteropServices;
using CrossFormer.Checkpoints;
using CrossFormer.Testing;
using CrossFormer.Training.Tests.Runs;

namespace CrossFormer.Cli.Tests.Training;

/// <summary>A run that is killed and resumed ends with the parameters of one that was left alone.</summary>
public sealed partial class KilledRunTests : IDisposable
{
    private const int Steps = 200, ManySteps = 2500, Terminate = 15;
    private readonly SmallRobot _robot = new();

    [Fact]
    public async Task KilledOnce_EndsAlike() => await Compare(kills: 1, Steps);

    [Fact]
    [Trait(Goldens.Category, "Slow")]
    public async Task KilledTenTimesAtRandomMoments_EndsAlike() => await Compare(kills: 10, ManySteps);

    [Fact]
    public async Task Terminated_SavesAndEndsWithSuccess()
    {
        // No checkpoint is due: what is there in the end was saved because it was asked to stop.
        using var process = Start("run", 1_000_000, interval: 1_000_000);
        while (!process.HasExited && !File.Exists(_robot.In("run", "log.jsonl")))
            await Task.Delay(20, TestContext.Current.CancellationToken);
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.Empty(Checkpoints("run"));
        Assert.Equal(0, Kill(process.Id, Terminate));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Done, process.ExitCode);
        Assert.NotEmpty(OrbaxDirectory.Open(_robot.In("run")).Steps);
    }

    public void Dispose() => _robot.Dispose();

    private async Task Compare(int kills, int steps)
    {
        await Finish("whole", steps);
        var random = new Random(kills);
        for (var i = 0; i < kills; i++)
        {
            var done = Checkpoints("parts").DefaultIfEmpty().Max();
            using var process = Start("parts", steps);
            // In turn: some way behind a new checkpoint, and at any moment of the start.
            if (i % 2 == 0)
                await WaitForStep("parts", process, after: done);
            await Task.Delay(i % 2 == 0 ? random.Next(0, 200) : random.Next(200, 1500), TestContext.Current.CancellationToken);
            Assert.False(process.HasExited, $"The run was over before kill {i + 1} of {kills}.");
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await Finish("parts", steps);
        var (expected, actual) = (Parameters("whole", steps), Parameters("parts", steps));
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(expected, e => Assert.True(e.Value.AsSpan().SequenceEqual(actual[e.Key]), $"{e.Key} differs."));
    }

    private async Task Finish(string run, int steps)
    {
        using var process = Start(run, steps);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Done, process.ExitCode);
    }

    private Process Start(string run, int steps, int interval = 3) => Process.Start(new ProcessStartInfo(
        Path.Combine(AppContext.BaseDirectory, "CrossFormer.Cli"),
        [
            "train", "--config", _robot.ConfigurationPath, "--resume", "--set", $"folder={_robot.In(run)}", "--set", $"data.folder={_robot.Path}",
            "--set", $"steps={steps}", "--set", "validation.batches=0", "--set", $"checkpoints.interval={interval}",
        ]))!;

    // A new checkpoint: from then on there is something to lose.
    private async Task WaitForStep(string run, Process process, int after = 0)
    {
        while (!process.HasExited && !Checkpoints(run).Any(s => s > after))
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    private int[] Checkpoints(string run) => Directory.Exists(_robot.In(run))
        ? [.. Directory.EnumerateDirectories(_robot.In(run)).Select(Path.GetFileName).Where(n => int.TryParse(n, out _)).Select(n => int.Parse(n!))]
        : [];

    private Dictionary<string, byte[]> Parameters(string run, int steps) =>
        OrbaxDirectory.Open(_robot.In(run)).ReadParameters(steps).Arrays.ToDictionary(a => a.Key, a => a.Value.Read().Bytes.ToArray());

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
