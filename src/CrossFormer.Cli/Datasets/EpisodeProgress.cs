using CrossFormer.Data.Conversion;
using Spectre.Console;

namespace CrossFormer.Cli.Datasets;

/// <summary>Shows how many episodes are done: a bar on a terminal, elsewhere a line for each tenth.</summary>
internal static class EpisodeProgress
{
    /// <summary>Does work that tells its progress.</summary>
    public static T Run<T>(Terminal terminal, string what, Func<IProgress<ConversionProgress>, T> work) =>
        terminal.Progress.Profile.Out.IsTerminal
            ? terminal.Progress.Progress().AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .Start(context => work(new Bar(context.AddTask(Markup.Escape(what)))))
            : work(new Lines(terminal, what));

    /// <summary>Reads a known number of episodes, telling how many are read.</summary>
    public static T Run<T>(Terminal terminal, string what, long episodes, Func<IProgress<long>, T> read) =>
        Run(terminal, what, progress => read(new Counted(progress, episodes)));

    private sealed class Counted(IProgress<ConversionProgress> progress, long episodes) : IProgress<long>
    {
        public void Report(long value) => progress.Report(new ConversionProgress(value, Math.Max(value, episodes), ""));
    }

    private sealed class Bar(ProgressTask task) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value)
        {
            task.MaxValue = value.Total;
            task.Value = value.Done;
        }
    }

    private sealed class Lines(Terminal terminal, string what) : IProgress<ConversionProgress>
    {
        private const int Tenths = 10;
        private long _tenth;

        public void Report(ConversionProgress value)
        {
            if (value.Done * Tenths / value.Total <= _tenth)
                return;
            _tenth = value.Done * Tenths / value.Total;
            terminal.Note($"{what}: {value.Done} of {value.Total} episodes");
        }
    }
}
