using CrossFormer.Simulation.Episodes;
using Spectre.Console;

namespace CrossFormer.Cli.Simulated;

/// <summary>What an evaluation found, by task.</summary>
/// <param name="Tasks">By the task's name.</param>
/// <param name="Report">The page.</param>
internal sealed record SimulationOutcomes(IReadOnlyDictionary<string, SimulationOutcomes.Outcome> Tasks, string Report) : VerbResult
{
    public override void WriteText(IAnsiConsole console)
    {
        var table = Terminal.NewTable(console, "task", "episodes", "successes", "95 % interval", "median time", "return", "chunk jump");
        foreach (var (name, o) in Tasks)
        {
            table.AddRow(
                name, $"{o.Episodes}", $"{o.Successes}", $"{100 * o.Interval[0]:f0}–{100 * o.Interval[1]:f0} %",
                o.MedianSeconds is { } seconds ? $"{seconds:f1} s" : "–", $"{o.MeanReturn:f1}", o.ChunkJump is { } jump ? $"{jump:f3}" : "–");
        }

        console.Write(table);
        console.MarkupLineInterpolated($"Report: {Report}");
    }

    /// <summary>How one task went.</summary>
    /// <param name="Episodes">How many.</param>
    /// <param name="Successes">In how many the task was done.</param>
    /// <param name="Interval">Wilson's 95 % interval of the success rate, 0 to 1.</param>
    /// <param name="MedianSeconds">Of the successes, simulated; null without one.</param>
    /// <param name="MeanReturn">Mean sum of rewards.</param>
    /// <param name="ChunkJump">See <see cref="EpisodeResult.ChunkJump"/>; null where chunks do not overlap.</param>
    internal sealed record Outcome(int Episodes, int Successes, double[] Interval, double? MedianSeconds, double MeanReturn, double? ChunkJump)
    {
        public static Outcome Of(TaskEvaluation e) =>
            new(e.Episodes.Count, e.Successes, [e.Interval.Low, e.Interval.High], Finite(e.MedianSeconds), e.MeanReturn, Finite(e.MeanChunkJump));

        private static double? Finite(double value) => double.IsFinite(value) ? value : null;
    }
}
