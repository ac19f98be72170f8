using System.Diagnostics;
using System.Runtime.InteropServices;
using CrossFormer.Checkpoints;
using CrossFormer.Testing;
using CrossFormer.Training.Tests.Runs;

namespace CrossFormer.Cli.Tests.Training;

/// <summary>A run that is killed and resumed ends with the parameters of one that was left alone.</summary>
public sealed partial class KilledRunTests : IDisposable
{
    private const int Steps = 30, Terminate = 15;
    private readonly SmallRobot _robot = new();

    [Fact]
    public async Task KilledOnce_EndsAlike() => await Compare(kills: 1);

    [Fact]
    [Trait(Goldens.Category, "Slow")]
    public async Task KilledTenTimesAtRandomMoments_EndsAlike() => await Compare(kills: 10);

    [Fact]
    public async Task Terminated_SavesAndEndsWithSuccess()
    {
        using var process = Start("run", 1_000_000);
        await WaitForStep("run", process);
        Assert.Equal(0, Kill(process.Id, Terminate));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Done, process.ExitCode);
        Assert.NotEmpty(OrbaxDirectory.Open(_robot.In("run")).Steps);
    }

    public void Dispose() => _robot.Dispose();

    private async Task Compare(int kills)
    {
        await Finish("whole");
        var random = new Random(kills);
        for (var i = 0; i < kills; i++)
        {
            using var process = Start("parts", Steps);
            if (i == 0)
                await WaitForStep("parts", process);
            else
                await Task.Delay(random.Next(300, 3000), TestContext.Current.CancellationToken);
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await Finish("parts");
        var (expected, actual) = (Parameters("whole"), Parameters("parts"));
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(expected, e => Assert.True(e.Value.AsSpan().SequenceEqual(actual[e.Key]), $"{e.Key} differs."));
    }

    private async Task Finish(string run)
    {
        using var process = Start(run, Steps);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Done, process.ExitCode);
    }

    private Process Start(string run, int steps) => Process.Start(new ProcessStartInfo(
        Path.Combine(AppContext.BaseDirectory, "CrossFormer.Cli"),
        [
            "train", "--config", _robot.ConfigurationPath, "--resume", "--set", $"folder={_robot.In(run)}", "--set", $"data.folder={_robot.Path}",
            "--set", $"steps={steps}", "--set", "validation.batches=0", "--set", "checkpoints.interval=3",
        ]))!;

    // A first checkpoint: from then on there is something to lose.
    private async Task WaitForStep(string run, Process process)
    {
        while (!process.HasExited && !(Directory.Exists(_robot.In(run)) && Directory.EnumerateDirectories(_robot.In(run)).Any(d => int.TryParse(Path.GetFileName(d), out _))))
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    private Dictionary<string, byte[]> Parameters(string run) =>
        OrbaxDirectory.Open(_robot.In(run)).ReadParameters(Steps).Arrays.ToDictionary(a => a.Key, a => a.Value.Read().Bytes.ToArray());

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
