using System.CommandLine;
using CrossFormer.Checkpoints.Hub;
using CrossFormer.Cli.Acting;
using CrossFormer.Cli.Training;
using CrossFormer.Parameters;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Runs;
using Spectre.Console;
using ValidationResult = CrossFormer.Training.Runs.ValidationResult;

namespace CrossFormer.Cli.Verbs;

/// <summary>Trains as a configuration file says: <see cref="TrainVerb"/> from scratch, <see cref="FinetuneVerb"/> from a checkpoint.</summary>
internal abstract class TrainingVerb : Verb
{
    private readonly Option<string> _config = new("--config") { Description = "the run: JSON with comments, see configs/", HelpName = "FILE", Required = true };
    private readonly Option<string[]> _set = new("--set") { Description = "changes a field of the configuration; may be repeated", HelpName = "a.b=value", DefaultValueFactory = _ => [] };
    private readonly Option<bool> _resume = new("--resume") { Description = "go on from the folder's newest checkpoint" };
    private readonly Option<string> _device = SharedOptions.Device();

    private protected TrainingVerb(string name, string summary, string example) : base(name, summary, example)
    {
        foreach (var option in (ReadOnlySpan<Option>)[_config, _set, _resume, _device])
            Add(option);
    }

    /// <summary>Asked to stop, a run writes a checkpoint first.</summary>
    public override TimeSpan TerminationTimeout => TimeSpan.FromMinutes(10);

    /// <summary>Refuses the other verb's configurations.</summary>
    private protected abstract void Check(TrainingConfiguration configuration);

    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var file = arguments.GetValue(_config)!;
        if (!File.Exists(file))
            throw new UsageException($"--config: there is no file {file}.");
        var configuration = ConfigurationFile.Read(file, arguments.GetValue(_set));
        Check(configuration);
        string? pretrained = null, encoderWeights = null;
        // A run that goes on has all of it in its own folder.
        if (!arguments.GetValue(_resume) || !TrainingRun.HasCheckpoint(configuration))
        {
            if (configuration.Finetune is { } finetune)
                pretrained = await CheckpointSource.ResolveAsync(finetune.Pretrained, CheckpointParts.All, finetune.Step, terminal, cancellation);
            if (configuration.InitializeEncoders is { } encoders)
                encoderWeights = await CheckpointSource.ResolveFileAsync(encoders.Path, EncoderInitializationConfiguration.FileName, terminal, cancellation);
        }

        return await Task.Run(() => Train(arguments, configuration, pretrained, encoderWeights, terminal, cancellation), CancellationToken.None);
    }

    private Result Train(
        ParseResult arguments, TrainingConfiguration configuration, string? pretrained, string? encoderWeights, Terminal terminal, CancellationToken cancellation)
    {
        TrainingRun run;
        try
        {
            run = new TrainingRun(configuration, arguments.GetValue(_resume), pretrained, encoderWeights, PolicySource.Device(arguments.GetValue(_device)!), cancellation: cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Stopped while it read datasets for their statistics: nothing is there to save yet.
            return new Result(0, double.NaN, 0, configuration.Folder, Finished: false, 0) { Validation = [] };
        }

        using var disposed = run;
        foreach (var note in run.Notes)
            terminal.Note($"note: {note}");
        if (run.Step > 0)
            terminal.Note($"resumed after step {run.Step}");
        if (run.Merge is { } merge)
            Show(merge, terminal);
        var trained = run.Trainable.Sum(p => p.Count);
        Show(run, trained, terminal);
        var outcome = TrainingView.Run(run, terminal, cancellation);
        var report = outcome.IsFinished ? Report(run, terminal, cancellation) : null;
        return new Result(outcome.Steps, outcome.Loss, outcome.SamplesPerSecond, outcome.Checkpoint, outcome.IsFinished, trained)
        {
            Validation = [.. outcome.Validation],
            Report = report,
            Parameters = outcome.Merge is { } m ? new MergeCounts(m.Loaded.Count, m.Missing.Count + m.Reshaped.Count, m.Skipped.Count) : null,
        };
    }

    // All that was trained is saved by now: who stops the program here has stopped it well.
    private static string? Report(TrainingRun run, Terminal terminal, CancellationToken cancellation)
    {
        try
        {
            return run.WriteReport(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            terminal.Note("stopped before the report was written; --resume writes it");
            return null;
        }
    }

    // Whole modules, not single parameters: a new encoder alone has a hundred.
    private static void Show(MergeReport merge, Terminal terminal)
    {
        terminal.Note($"from the checkpoint: {merge.Loaded.Count} parameters loaded, {merge.Missing.Count} new, {merge.Reshaped.Count} of another shape, {merge.Skipped.Count} dropped");
        foreach (var (what, paths) in new[] { ("new", merge.Missing), ("of another shape", merge.Reshaped), ("dropped", merge.Skipped) })
        {
            foreach (var module in paths.GroupBy(p => string.Join('/', p.Split('/').Take(2))))
                terminal.Note($"  {what}: {module.Key} ({module.Count()})");
        }
    }

    private static void Show(TrainingRun run, long trained, Terminal terminal)
    {
        var all = run.Model.Module.Parameters.ElementCount;
        var adapters = run.Adapters.Sum(p => p.Count);
        terminal.Note($"{all:n0} parameters, {trained - adapters:n0} of them trained{(adapters > 0 ? $", and {adapters:n0} of low-rank adapters in place of the transformer's" : "")}");
        if (trained == all)
            return;
        foreach (var module in run.Trainable.Except(run.Adapters).GroupBy(p => string.Join('/', p.Path.Split('/').Take(2))))
            terminal.Note($"  trained: {module.Key} ({module.Sum(p => p.Count):n0})");
    }

    private sealed record MergeCounts(int Loaded, int New, int Dropped);

    private sealed record Result(int Steps, double Loss, double SamplesPerS, string Checkpoint, bool Finished, long TrainedParameters) : VerbResult
    {
        public required ValidationResult[] Validation { get; init; }

        public MergeCounts? Parameters { get; init; }

        public string? Report { get; init; }

        public override void WriteText(IAnsiConsole console)
        {
            console.MarkupLineInterpolated($"{(Finished ? "Finished" : "Stopped as asked; --resume goes on")}: {Steps} steps, loss {Loss:f4}, {SamplesPerS:f1} samples/s.");
            if (Validation.Length > 0)
            {
                var table = Terminal.NewTable(console, "validation", "told", "head", "loss", "mean squared error", "wrong signs");
                foreach (var v in Validation)
                    table.AddRow(v.Dataset, v.Mode.ToString(), v.Head, $"{v.Loss:f4}", $"{v.Mse:f4}", $"{v.SignError:p1}");
                console.Write(table);
            }

            console.MarkupLineInterpolated($"Checkpoint: {Checkpoint}");
            if (Report is not null)
                console.MarkupLineInterpolated($"Report: {Report}");
        }
    }
}
