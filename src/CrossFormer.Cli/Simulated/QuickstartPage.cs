using CrossFormer.Reports;
using CrossFormer.Simulation.Episodes;
using CrossFormer.Training.Runs;

namespace CrossFormer.Cli.Simulated;

/// <summary>The quickstart's one page. It is written anew whenever there is something more to see.</summary>
/// <param name="path">The file.</param>
/// <param name="title">Its heading.</param>
/// <param name="facts">What runs.</param>
/// <param name="beforeTitle">Who drives before the training.</param>
internal sealed class QuickstartPage(string path, string title, IReadOnlyList<(string Name, string Value)> facts, string beforeTitle)
{
    private readonly List<TaskEvaluation> _before = [];
    private readonly List<TaskEvaluation> _after = [];
    private readonly List<(int Step, TrainingProgress Progress)> _training = [];
    private int _stepsBefore;

    /// <summary>The file.</summary>
    public string Path => path;

    public void AddBefore(TaskEvaluation evaluation) => Add(_before, evaluation);

    public void AddAfter(TaskEvaluation evaluation) => Add(_after, evaluation);

    /// <summary>Keeps what the log keeps; the page follows with the next evaluation. A training whose steps begin anew goes on, in the curves, behind the last.</summary>
    public void AddTraining(TrainingProgress progress)
    {
        if (!progress.IsLogged)
            return;
        if (_training.Count > 0 && _training[^1] is var last && progress.Step <= last.Progress.Step)
            _stepsBefore = last.Step;
        _training.Add((_stepsBefore + progress.Step, progress));
    }

    private void Add(List<TaskEvaluation> evaluations, TaskEvaluation evaluation)
    {
        evaluations.Add(evaluation);
        Create().Save(path);
    }

    private Report Create()
    {
        var report = new Report(title, "closed loop, before and after training") { Facts = facts };
        report.Add(new TableSection("robot", ["episodes", $"successes, {beforeTitle}", "successes, trained"],
            [.. _before.Select(b => new TableRow(b.Task, [b.Episodes.Count, b.Successes, _after.Find(a => a.Task == b.Task)?.Successes ?? double.NaN]))])
        {
            Title = "Success",
            MarkSmallest = false,
            Note = "The same seeds before and after. A dash: not there yet.",
        });
        if (_training.Count > 0)
            report.Add(new CurveSection([Curve("loss", p => p.Result.Losses.Total), .. Heads().Select(h => Curve($"head {h}", p => HeadLoss(p, h))), Curve("samples per second", p => p.SamplesPerSecond)]) { Title = "Training" });
        foreach (var before in _before)
        {
            EvaluationReport.AddFilms(report, before, beforeTitle);
            if (_after.Find(a => a.Task == before.Task) is { } after)
                EvaluationReport.AddFilms(report, after, "trained");
        }

        return report;
    }

    private IEnumerable<string> Heads() => _training.SelectMany(t => t.Progress.Result.Losses.Heads.Keys).Distinct().Order(StringComparer.Ordinal);

    private static double HeadLoss(TrainingProgress p, string head) =>
        p.Result.Losses.Heads.TryGetValue(head, out var report) && report.SampleFraction > 0 ? report.Loss : double.NaN;

    private Curve Curve(string name, Func<TrainingProgress, double> value) => new(name, [.. _training.Select(t => ((double)t.Step, value(t.Progress)))]);
}
