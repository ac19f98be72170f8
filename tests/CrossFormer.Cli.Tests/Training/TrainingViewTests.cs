using CrossFormer.Cli.Training;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Optimizers;
using CrossFormer.Training.Runs;
using CrossFormer.Training.Steps;
using CrossFormer.Training.Tests.Runs;
using Spectre.Console;
using ValidationResult = CrossFormer.Training.Runs.ValidationResult;

namespace CrossFormer.Cli.Tests.Training;

/// <summary>How a run is shown: a table on a terminal of any width, plain lines elsewhere.</summary>
public sealed class TrainingViewTests
{
    private static readonly TrainingProgress Progress = new(
        120, 5000,
        new TrainingStepResult(
            new LossReport(0.4321, new Dictionary<string, HeadReport> { ["single_arm"] = new(0.5, 0.6, 0.1, 0.75), ["a[b]nav"] = new(0, 0, 0, 0) }),
            new StepInfo(1.25, 0.01, 30, 3e-4)),
        123.4, 0.05, new TimeSpan(2, 3, 4, 5), IsLogged: true,
        [new ValidationResult("bridge_dataset", ValidationMode.TextConditioned, "single_arm", 0.5551, 0.6, 0.1)]);

    [Theory]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(200)]
    public void Table_FitsTheTerminal(int width)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = width;
        console.Write(TrainingView.Table(Progress));
        var lines = text.ToString().TrimEnd().Split('\n');
        Assert.All(lines, l => Assert.True(l.TrimEnd().Length <= width, l));
        if (width < 120)
            return;
        foreach (var shown in new[] { "120 of 5000", "0.4321", "single_arm", "0.5000", "a[b]nav", "no sample in this batch", "3.00e-004", "1.25", "123.4 samples/s", "5 %", "2 d 03:04", "validation bridge_dataset, TextConditioned", "0.5551" })
            Assert.Contains(lines, l => l.Contains(shown, StringComparison.Ordinal));
    }

    [Fact]
    public void WithoutTerminal_EachLineOfTheLogIsOnePlainLine()
    {
        using var robot = new SmallRobot();
        using var run = new TrainingRun(robot.Configuration("run"));
        using var output = new StringWriter();
        using var error = new StringWriter();
        TrainingView.Run(run, new Terminal(output, error, json: false, verbose: false), TestContext.Current.CancellationToken);
        Assert.Empty(output.ToString());
        Assert.DoesNotContain('\u001b', error.ToString());
        var lines = error.ToString().TrimEnd().Split('\n');
        // Every second step, and the validated ones, each with its two modes.
        Assert.Equal(["step 2/6", "step 3/6", "step 4/6", "step 6/6"], lines.Where(l => l.StartsWith("step", StringComparison.Ordinal)).Select(l => l[..8]));
        Assert.All(lines.Where(l => l.StartsWith("step", StringComparison.Ordinal)), l => Assert.Matches(@"loss \d.*arm \d.*rate \d.*gradient \d.*samples/s.*waiting for data \d.*left \d", l));
        Assert.Equal(4, lines.Count(l => l.StartsWith("  validation small_robot ", StringComparison.Ordinal)));
    }
}
