using CrossFormer.Simulation.Episodes;
using Spectre.Console;

namespace CrossFormer.Cli.Simulated;

/// <summary>How one task's demonstrations went.</summary>
/// <param name="Episodes">Made in this run.</param>
/// <param name="Successes">In how many the task was done.</param>
/// <param name="Interval">Wilson's 95 % interval.</param>
/// <param name="Steps">Made in this run.</param>
/// <param name="Dataset">The dataset's folder.</param>
internal sealed record DemonstrationOutcome(int Episodes, int Successes, double[] Interval, long Steps, string Dataset)
{
    /// <summary>Records demonstrations of several tasks, with a progress bar for each. What an earlier run has finished stays as it is.</summary>
    /// <param name="tasks">Which.</param>
    /// <param name="folder">The folder in which datasets lie.</param>
    /// <param name="options">How many of each, from which seeds, how disturbed.</param>
    /// <param name="terminal">For the bars.</param>
    /// <param name="cancellation">Ends it between episodes; what is written stays for the next run.</param>
    /// <inheritdoc cref="Demonstrations.Record" path="/exception"/>
    public static IReadOnlyDictionary<string, DemonstrationOutcome> Record(
        IReadOnlyList<string> tasks, string folder, Func<string, DemonstrationOptions> options, Terminal terminal, CancellationToken cancellation)
    {
        var outcomes = new Dictionary<string, DemonstrationOutcome>();
        terminal.Progress.Progress().AutoClear(true).Start(progress =>
        {
            foreach (var task in tasks)
            {
                var wanted = options(task);
                if (Demonstrations.Finished(task, folder, wanted) is { } there)
                {
                    terminal.Note($"{task}: {there} was made by an earlier run; delete it to have it made anew");
                    outcomes[task] = new DemonstrationOutcome(0, 0, [0, 1], 0, there);
                    continue;
                }

                var bar = progress.AddTask(task, maxValue: wanted.Episodes);
                var (made, successes, steps) = (0, 0, 0L);
                var dataset = Demonstrations.Record(task, folder, wanted, (i, demonstration) =>
                {
                    (made, successes, steps) = (made + 1, successes + (demonstration.Succeeded ? 1 : 0), steps + demonstration.Steps.Count);
                    bar.Value = i + 1;
                }, cancellation);
                if (made < wanted.Episodes)
                    terminal.Note($"{task}: {wanted.Episodes - made} episodes were there from an earlier run; the numbers are those of the {made} new ones");
                var interval = made == 0 ? new WilsonInterval(0, 1) : WilsonInterval.Of(successes, made);
                outcomes[task] = new DemonstrationOutcome(made, successes, [interval.Low, interval.High], steps, dataset);
            }
        });
        return outcomes;
    }
}
