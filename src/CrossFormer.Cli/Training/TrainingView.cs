using CrossFormer.Training.Runs;
using Spectre.Console;
using ValidationResult = CrossFormer.Training.Runs.ValidationResult;

namespace CrossFormer.Cli.Training;

/// <summary>Shows on standard error how a run gets on: a table that changes in place on a terminal, a line for each line of the log elsewhere.</summary>
internal static class TrainingView
{
    /// <summary>Does the work while showing what it tells; <paramref name="told"/> is told the same.</summary>
    public static TrainingOutcome Run(TrainingRun run, Terminal terminal, CancellationToken stop, Action<TrainingProgress>? told = null)
    {
        if (!terminal.Progress.Profile.Out.IsTerminal)
        {
            return run.Run(
                p =>
                {
                    WriteLine(terminal, p);
                    told?.Invoke(p);
                },
                stop);
        }

        IReadOnlyList<ValidationResult> validation = [];
        return terminal.Progress.Live(new Spectre.Console.Text("waiting for the first batch …")).AutoClear(false).Start(view =>
            run.Run(
                p =>
                {
                    validation = p.Validation.Count > 0 ? p.Validation : validation; // stays until the next
                    view.UpdateTarget(Table(p with { Validation = validation }));
                    view.Refresh();
                    told?.Invoke(p);
                },
                stop));
    }

    internal static void WriteLine(Terminal terminal, TrainingProgress p)
    {
        if (!p.IsLogged)
            return;
        var heads = string.Join(" ", p.Result.Losses.Heads.Where(h => h.Value.SampleFraction > 0).Select(h => $"{h.Key} {h.Value.Loss:f4}"));
        terminal.Note($"step {p.Step}/{p.Steps}  loss {p.Result.Losses.Total:f4}  {heads}  rate {p.Result.Optimizer.LearningRate:e2}  gradient {p.Result.Optimizer.GradientNorm:g3}  {p.SamplesPerSecond:f1} samples/s  waiting for data {p.DataShare:p0}  left {Time(p.Remaining)}");
        foreach (var v in p.Validation)
            terminal.Note($"  validation {v.Dataset} {v.Mode}: {v.Head} {v.Loss:f4}");
    }

    internal static Table Table(TrainingProgress p)
    {
        var table = new Table { Border = TableBorder.Rounded, ShowHeaders = false };
        table.AddColumns("what", "value");
        Row("step", $"{p.Step} of {p.Steps}");
        Row("loss", $"{p.Result.Losses.Total:f4}");
        foreach (var (head, report) in p.Result.Losses.Heads)
            Row($"  {head}", report.SampleFraction > 0 ? $"{report.Loss:f4}" : "no sample in this batch");
        Row("learning rate", $"{p.Result.Optimizer.LearningRate:e2}");
        Row("gradient norm", $"{p.Result.Optimizer.GradientNorm:g3}");
        Row("speed", $"{p.SamplesPerSecond:f1} samples/s, {p.DataShare:p0} of the time waiting for data");
        Row("time left", Time(p.Remaining));
        foreach (var v in p.Validation)
            Row($"validation {v.Dataset}, {v.Mode}", $"{v.Head} {v.Loss:f4}");
        return table;

        void Row(string what, string value) => table.AddRow(Markup.Escape(what), Markup.Escape(value));
    }

    private static string Time(TimeSpan time) => time.TotalDays >= 1 ? $"{(int)time.TotalDays} d {time:hh\\:mm}" : $"{time:h\\:mm\\:ss}";
}
