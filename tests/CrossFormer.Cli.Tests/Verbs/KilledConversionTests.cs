using System.Diagnostics;
using CrossFormer.Cli.Tests.House;
using CrossFormer.Data.Rlds;

namespace CrossFormer.Cli.Tests.Verbs;

/// <summary>A conversion that is killed leaves nothing that looks finished, and the same command finishes it.</summary>
public sealed class KilledConversionTests : IDisposable
{
    private const string Rows = "x,y\n0.1,0.2\n0.3,0.4\n0.5,0.6\n";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task KilledBetweenTwoEpisodes_EndsWithTheBytesOfOneThatWasLeftAlone()
    {
        Write(0, Rows);
        Write(1, "x,y\n0.1\n");
        Write(2, Rows);
        // What comes before a damaged episode is kept: the killed run continues it.
        Assert.Equal(ExitCode.Failed, (await ConvertAsync("parts")).ExitCode);
        Write(1, Rows);

        // A pipe in place of the third episode's table: the program waits there until somebody writes.
        File.Delete(Table(2));
        using (var pipe = Process.Start("mkfifo", [Table(2)]))
            await pipe.WaitForExitAsync(TestContext.Current.CancellationToken);
        using (var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "CrossFormer.Cli"), Command("parts")) { RedirectStandardOutput = true, RedirectStandardError = true })!)
        {
            // Opening it waits for the reader.
            using var writer = new FileStream(Table(2), FileMode.Open, FileAccess.Write);
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.NotEqual(ExitCode.Done, process.ExitCode);
        }

        Assert.Throws<DirectoryNotFoundException>(() => RldsDataset.Open(_folder["parts", "robot"]));
        Assert.Equal(ExitCode.Failed, (await CommandRun.OfAsync("data", "inspect", _folder["parts", "robot"])).ExitCode);

        File.Delete(Table(2));
        Write(2, Rows);
        Assert.Equal(ExitCode.Done, (await ConvertAsync("parts")).ExitCode);
        Assert.Equal(ExitCode.Done, (await ConvertAsync("whole")).ExitCode);
        Assert.Equal(Files("whole"), Files("parts"));
        Assert.Equal(3, RldsDataset.Open(_folder["parts", "robot"]).ReadEpisodes("train").Count());
    }

    public void Dispose() => _folder.Dispose();

    private string Table(int episode) => _folder["in", $"episode_{episode}", "actions.csv"];

    private void Write(int episode, string rows) => _folder.Write($"in/episode_{episode}/actions.csv", rows);

    private string[] Command(string target) => ["data", "convert", _folder["in"], _folder[target], "--name", "robot"];

    private Task<CommandRun> ConvertAsync(string target) => CommandRun.OfAsync(Command(target));

    private SortedDictionary<string, string> Files(string target)
    {
        var root = _folder[target];
        return new(Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(root, f), f => Convert.ToHexString(File.ReadAllBytes(f))));
    }
}
