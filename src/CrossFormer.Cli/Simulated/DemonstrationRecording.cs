using CrossFormer.Simulation.Episodes;
using Spectre.Console;

namespace CrossFormer.Cli.Simulated;

/// <summary>Records demonstrations of several tasks, with a progress bar for each. What an earlier run has finished stays as it is.</summary>
internal static class DemonstrationRecording
{
    /// <param name="tasks">Which.</param>
    /// <param name="folder">The folder in which datasets lie.</param>
    /// <param name="options">How many of each, from which seeds, how disturbed.</param>
    /// <param name="terminal">For the bars.</param>
    /// <param name="cancellation">Ends it between episodes; what is written stays for the next run.</param>
    /// <returns>The datasets' folders, by task.</returns>
    /// <inheritdoc cref="Demonstrations.Record" path="/exception"/>
    public static IReadOnlyDictionary<string, string> Run(
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
}
