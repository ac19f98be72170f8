using System.CommandLine;
using System.Text.Json;
using CrossFormer.Checkpoints.Hub;
using CrossFormer.Cli.Acting;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Runs;
using Spectre.Console;

namespace CrossFormer.Cli.Verbs;

/// <summary>Errors over whole validation splits, of one checkpoint or of several side by side.</summary>
internal sealed class EvaluateVerb : Verb
{
    private static readonly Dictionary<string, ValidationMode> Modes =
        Enum.GetValues<ValidationMode>().ToDictionary(m => JsonNamingPolicy.SnakeCaseLower.ConvertName(m.ToString()));

    private readonly Argument<string[]> _checkpoints = new("CHECKPOINT") { Description = "checkpoints: a training run's folder, or any other with --config", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _config = new("--config") { Description = "names the datasets; by default the run's own configuration", HelpName = "FILE" };
    private readonly Option<string[]> _set = new("--set") { Description = "changes a field of the configuration; may be repeated", HelpName = "a.b=value", DefaultValueFactory = _ => [] };
    private readonly Option<int[]> _steps = new("--step") { Description = "training step, by default the newest; may be repeated: one column for each", HelpName = "N", DefaultValueFactory = _ => [] };
    private readonly Option<string[]> _modes = new("--mode") { Description = "what the model is told, by default what it was trained with; may be repeated", HelpName = string.Join('|', Modes.Keys), DefaultValueFactory = _ => [] };
    private readonly Option<string> _device = SharedOptions.Device();

    public EvaluateVerb() : base("evaluate", "measures errors per dimension and dataset over whole validation splits", "./crossformer evaluate runs/bridge_small")
    {
        _modes.AcceptOnlyFromAmong([.. Modes.Keys]);
        Add(_checkpoints);
        foreach (var option in (ReadOnlySpan<Option>)[_config, _set, _steps, _modes, _device])
            Add(option);
    }

    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var results = new Dictionary<string, IReadOnlyList<EvaluationResult>>();
        var steps = arguments.GetValue(_steps)!.Select(s => (int?)s).DefaultIfEmpty(null).Distinct().ToArray();
        foreach (var (checkpoint, step) in arguments.GetValue(_checkpoints)!.SelectMany(c => steps.Select(s => (c, s))))
        {
            var folder = await CheckpointSource.ResolveAsync(checkpoint, CheckpointParts.All, step, terminal, cancellation);
            results[steps.Length == 1 ? checkpoint : $"{checkpoint}, step {step}"] = await Task.Run(() => Evaluate(arguments, folder, step, cancellation), cancellation);
        }

        return new Result(results);
    }

    private IReadOnlyList<EvaluationResult> Evaluate(ParseResult arguments, string folder, int? step, CancellationToken cancellation)
    {
        var file = arguments.GetValue(_config) ?? Path.Combine(folder, "training.json");
        if (!File.Exists(file))
            throw new UsageException($"{file} is not there: give --config, which names the datasets to evaluate on.");
        var configuration = ConfigurationFile.Read(file, arguments.GetValue(_set));
        using var model = CrossFormerModel.LoadPretrained(folder, step, device: PolicySource.Device(arguments.GetValue(_device)!));
        var modes = arguments.GetValue(_modes)!.Select(m => Modes[m]).ToArray();
        return Evaluation.Run(model, configuration, modes.Length > 0 ? modes : null, cancellation: cancellation);
    }

    private sealed record Result(IReadOnlyDictionary<string, IReadOnlyList<EvaluationResult>> Checkpoints) : VerbResult
    {
        public override void WriteText(IAnsiConsole console)
        {
            var names = Checkpoints.Keys.ToArray();
            // Side by side stands what was measured on the same frames.
            foreach (var group in Checkpoints.SelectMany(c => c.Value.Select(r => (Checkpoint: c.Key, Result: r))).GroupBy(r => (r.Result.Dataset, r.Result.Mode, r.Result.Frames, Baselines: string.Join(',', r.Result.LastAction.Concat(r.Result.MeanAction)))))
            {
                var any = group.First().Result;
                console.MarkupLineInterpolated($"{any.Dataset}, {any.Mode}: {any.Frames} frames. Mean absolute error of the next action, robot units:");
                var table = Terminal.NewTable(console, ["dimension", .. group.Select(g => names.Length == 1 ? "first action" : g.Checkpoint), "repeat last action", "dataset's mean"]);
                for (var d = 0; d < any.FirstAction.Length; d++)
                    table.AddRow([$"{d}", .. group.Select(g => $"{g.Result.FirstAction[d]:f4}"), $"{any.LastAction[d]:f4}", $"{any.MeanAction[d]:f4}"]);
                console.Write(table);
            }
        }
    }
}
