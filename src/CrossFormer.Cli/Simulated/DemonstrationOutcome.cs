using CrossFormer.Data.Rlds;
using CrossFormer.Simulation.Episodes;
using Spectre.Console;

namespace CrossFormer.Cli.Simulated;

/// <summary>How one task's demonstrations went.</summary>
/// <param name="Episodes">Of the dataset, whichever run made them.</param>
/// <param name="Successes">In how many the task was done.</param>
/// <param name="Interval">Wilson's 95 % interval.</param>
/// <param name="Steps">Of the dataset.</param>
/// <param name="Dataset">The dataset's folder.</param>
internal sealed record DemonstrationOutcome(int Episodes, int Successes, double[] Interval, long Steps, string Dataset)
{
    /// <summary>Records demonstrations of several tasks, with a progress bar for each. What an earlier run has finished stays as it is.</summary>
    /// <param name="tasks">Which.</param>
    /// <param name="folder">The folder in which datasets lie.</param>
    /// <param name="options">How many of each, from which seeds, how disturbed.</param>
    /// <param name="terminal">For the bars.</param>
    /// <param name="cancellation">Ends it between episodes; what is written stays for the next run.</param>
    /// <returns>The datasets' folders, by task.</returns>
    /// <inheritdoc cref="Demonstrations.Record" path="/exception"/>
    public static IReadOnlyDictionary<string, string> Record(
        IReadOnlyList<string> tasks, string folder, Func<string, DemonstrationOptions> options, Terminal terminal, CancellationToken cancellation)
    {
        var datasets = tasks.ToDictionary(task => task, task => Demonstrations.Finished(task, folder, options(task)));
        // A robot that cannot be driven so is better found before the first one is.
        foreach (var task in tasks.Where(t => datasets[t] is null))
            Demonstrations.Require(task, options(task));
        terminal.Progress.Progress().AutoClear(true).Start(progress =>
        {
            foreach (var task in tasks)
            {
                if (datasets[task] is { } there)
                {
                    terminal.Note($"{task}: {there} was made by an earlier run; delete it to have it made anew");
                    continue;
                }

                var bar = progress.AddTask(task, maxValue: options(task).Episodes);
                datasets[task] = Demonstrations.Record(task, folder, options(task), (i, _) => bar.Value = i + 1, cancellation);
            }
        });
        return datasets.ToDictionary(d => d.Key, d => d.Value!);
    }

    /// <summary>Reads the outcome from a dataset.</summary>
    /// <param name="folder">The dataset's.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static DemonstrationOutcome Of(string folder, CancellationToken cancellation)
    {
        var (episodes, successes, steps) = (0, 0, 0L);
        foreach (var episode in RldsDataset.Open(folder).ReadEpisodes("train"))
        {
            cancellation.ThrowIfCancellationRequested();
            var succeeded = episode.Metadata.Array("episode_metadata/success").AsSpan<bool>()[0];
            (episodes, successes, steps) = (episodes + 1, successes + (succeeded ? 1 : 0), steps + episode.StepCount);
        }

        var interval = WilsonInterval.Of(successes, episodes);
        return new DemonstrationOutcome(episodes, successes, [interval.Low, interval.High], steps, folder);
    }
}
