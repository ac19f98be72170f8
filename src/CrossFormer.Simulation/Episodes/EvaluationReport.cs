using System.Globalization;
using CrossFormer.Reports;

namespace CrossFormer.Simulation.Episodes;

/// <summary>The page of an evaluation: success with its interval, how fast and how smooth, and what it looked like.</summary>
public static class EvaluationReport
{
    /// <summary>Makes the page.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="facts">What ran: policy, seeds and so on.</param>
    /// <param name="evaluations">One per task.</param>
    public static Report Create(string title, IReadOnlyList<(string Name, string Value)> facts, IReadOnlyList<TaskEvaluation> evaluations)
    {
        var report = new Report(title, "seeded episodes of simulated robots, in closed loop") { Facts = facts };
        report.Add(new TableSection(
            "task", ["episodes", "successes", "success %", "from %", "to %", "seconds", "return", "chunk jump"],
            [.. evaluations.Select(e => new TableRow(e.Task,
                [e.Episodes.Count, e.Successes, 100.0 * e.Successes / e.Episodes.Count, 100 * e.Interval.Low, 100 * e.Interval.High, e.MedianSeconds, e.MeanReturn, e.MeanChunkJump]))])
        {
            Title = "Success",
            MarkSmallest = false,
            PerColumn = true,
            Note = "From and to: Wilson's 95 % interval. Seconds: median simulated time of the successes. Return: mean sum of rewards, each 0 to 1, until the task is done or failed: " +
                "a failure that goes on may have more than a quick success. " +
                "Chunk jump: how much a new chunk changes what the last one planned, in shares of the actions' ranges.",
        });
        foreach (var evaluation in evaluations)
            AddFilms(report, evaluation);
        return report;
    }

    /// <summary>Adds a filmstrip for every filmed episode.</summary>
    /// <param name="report">The page.</param>
    /// <param name="evaluation">Whose episodes.</param>
    /// <param name="who">Who drives, where a page shows several; null says nothing.</param>
    public static void AddFilms(Report report, TaskEvaluation evaluation, string? who = null)
    {
        foreach (var episode in evaluation.Episodes.Where(e => e.Film.Count > 0))
        {
            report.Add(new FilmstripSection([.. episode.Film.Select(f => new FilmFrame(f.Jpeg, Seconds(f.Time.TotalSeconds)))])
            {
                Title = $"{evaluation.Task}{(who is null ? "" : $", {who}")}, seed {episode.Seed}: {Outcome(episode)}",
                Note = episode.Instruction is { } instruction ? $"“{instruction}”" : "told by its goal image",
            });
        }
    }

    private static string Outcome(EpisodeResult episode) =>
        episode.Succeeded ? $"done after {Seconds(episode.Seconds)}" : episode.Problem is { } problem ? $"broke off: {problem}" : $"not done in {Seconds(episode.Seconds)}";

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:f1} s");
}
