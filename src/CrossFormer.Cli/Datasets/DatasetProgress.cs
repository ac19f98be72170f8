using Spectre.Console;

namespace CrossFormer.Cli.Datasets;

/// <summary>A bar on standard error while a dataset's episodes are read.</summary>
internal static class DatasetProgress
{
    public static T Run<T>(Terminal terminal, string what, long episodes, Func<IProgress<long>, T> read) =>
        terminal.Progress.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(progress =>
        {
            var bar = progress.AddTask(what, maxValue: Math.Max(episodes, 1));
            return read(new Bar(bar));
        });

    // Not System.Progress, which reports from other threads and after the end.
    private sealed class Bar(ProgressTask task) : IProgress<long>
    {
        public void Report(long value) => task.Value = value;
    }
}
