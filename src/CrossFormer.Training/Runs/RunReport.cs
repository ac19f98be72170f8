using CrossFormer.Reports;
using CrossFormer.Training.Configuration;

namespace CrossFormer.Training.Runs;

/// <summary>The page at a run's end: loss curves, gradient norms, and predicted chunks over true ones.</summary>
internal static class RunReport
{
    public static Report Create(
        TrainingConfiguration configuration, IReadOnlyList<LogLine> log, IReadOnlyList<EvaluationResult> errors, IReadOnlyList<EvaluatedEpisode> episodes)
    {
        var report = new Report(Path.GetFileName(Path.TrimEndingDirectorySeparator(configuration.Folder)), "a training run")
        {
            Facts =
            [
                ("kind", configuration.Finetune is { } f ? $"fine-tuning of {f.Pretrained}, {(f.Head is { } head ? $"head {head}" : "every dataset's head")}{(f.Lora is { } lora ? $", low-rank adapters of rank {lora.Rank}" : "")}" : "training from scratch"),
                ("datasets", configuration.Data.Mixture ?? string.Join(", ", configuration.Data.Datasets!.Keys)),
                ("steps", $"{log[^1].Step} of {configuration.Steps}, batches of {configuration.BatchSize}"),
                ("loss", $"{log[^1].Loss:g4}"),
            ],
        };
        report.Add(new CurveSection([Curve("loss", l => l.Loss), .. Names(log, l => l.Heads.Keys).Select(h => Curve($"head {h}", l => l.Heads.GetValueOrDefault(h, double.NaN)))])
        {
            Title = "Training loss",
            Note = "Means over the steps between two lines of the log.",
        });
        var validated = log.Where(l => l.Validation is not null).ToArray();
        if (validated.Length > 0)
        {
            report.Add(new CurveSection(
                [.. Names(validated, l => l.Validation!.Select(Name)).Select(n => new Curve(n, [.. validated.Select(l => ((double)l.Step, l.Validation!.FirstOrDefault(v => Name(v) == n)?.Loss ?? double.NaN))]))])
            {
                Title = "Validation loss",
                Note = "By dataset and by what the model is told.",
            });
        }

        report.Add(new CurveSection([Curve("gradient norm", l => l.GradientNorm), Curve("update norm", l => l.UpdateNorm), Curve("learning rate", l => l.LearningRate), Curve("samples per second", l => l.SamplesPerSecond)])
        {
            Title = "Optimizer and speed",
        });
        AddErrors(report, errors);
        AddEpisodes(report, episodes);
        return report;

        Curve Curve(string name, Func<LogLine, double> value) => new(name, [.. log.Select(l => ((double)l.Step, value(l)))]);
    }

    /// <summary>Errors by dimension beside the baselines.</summary>
    public static void AddErrors(Report report, IEnumerable<EvaluationResult> errors)
    {
        foreach (var e in errors)
        {
            report.Add(new TableSection("dimension", ["first action", "whole chunk", "repeat last action", "dataset's mean"],
                [.. e.FirstAction.Select((_, d) => new TableRow($"{d}", [e.FirstAction[d], e.Chunk[d], e.LastAction[d], e.MeanAction[d]]))])
            {
                Title = $"Errors on {e.Dataset}, {Words(e.Mode)}",
                Note = $"Mean absolute errors over {e.Frames} validation frames, robot units. The last two columns are baselines that need no model.",
            });
        }
    }

    /// <summary>Predicted chunks over true actions.</summary>
    public static void AddEpisodes(Report report, IEnumerable<EvaluatedEpisode> episodes)
    {
        foreach (var e in episodes)
        {
            report.Add(new ActionChartSection([.. e.Actions[0].Select((_, d) => $"dimension {d}")], e.Actions, [.. e.Chunks.Select((c, t) => new PredictedChunk(t, c))])
            {
                Title = $"{e.Dataset}, validation episode {e.Episode}, {Words(e.Mode)}",
            });
        }
    }

    private static IEnumerable<string> Names(IEnumerable<LogLine> log, Func<LogLine, IEnumerable<string>> names) => log.SelectMany(names).Distinct().Order(StringComparer.Ordinal);

    private static string Name(ValidationResult v) => $"{v.Dataset}, {Words(v.Mode)}: {v.Head}";

    private static string Words(ValidationMode mode) => mode switch
    {
        ValidationMode.ImageConditioned => "told by goal image",
        ValidationMode.TextConditioned => "told by instruction",
        ValidationMode.Unconditioned => "told nothing",
        _ => "told by goal image and instruction",
    };
}
