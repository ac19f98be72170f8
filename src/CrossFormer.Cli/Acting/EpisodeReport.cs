using CrossFormer.Policies;
using CrossFormer.Reports;

namespace CrossFormer.Cli.Acting;

/// <summary>The page that <c>act</c> writes: what the camera saw, what was predicted, what was done.</summary>
internal static class EpisodeReport
{
    public static Report Create(
        string title, string? notice, IReadOnlyList<(string Name, string Value)> facts, EmbodimentProfile profile, IReadOnlyList<RecordedStep> steps, OpenLoopResult result)
    {
        var names = profile.Actions.Select(a => a.Unit is { Length: > 0 } unit ? $"{a.Name} [{unit}]" : a.Name).ToArray();
        var report = new Report(title, $"{profile.Name}: predictions at every step of a recorded episode") { Facts = facts };
        if (notice is not null)
            report.Add(new NoticeSection(notice));
        foreach (var camera in profile.Cameras)
        {
            report.Add(new FilmstripSection([.. steps.Select((s, t) => new FilmFrame(s.Observation.EncodedImages[camera.Key], $"step {t}"))])
            {
                Title = profile.Cameras.Count == 1 ? "What the robot saw" : camera.Key,
            });
        }

        report.Add(new ActionChartSection(
            names, [.. steps.Select(s => s.Action)],
            [.. result.Chunks.Select((c, t) => new PredictedChunk(t, [.. Enumerable.Range(0, c.Horizon).Select(h => c[h].ToArray())]))])
        {
            Title = "Predicted chunks over true actions",
            Captions = [.. result.MeanAbsoluteError.Select(e => $"MAE {e:g3}")],
        });
        report.Add(new TableSection("dimension", ["first action", "as executed", "repeat last action", "dataset's mean"],
        [
            .. names.Select((n, d) => new TableRow(n, [result.MeanAbsoluteError[d], result.ExecutedError[d], result.LastActionError[d], result.MeanActionError[d]])),
        ])
        {
            Title = "Mean absolute error",
            Note = "Robot units, averaged over steps. The two last columns are baselines that need no model.",
        });
        report.Add(new HistogramSection(result.Latencies, "ms") { Title = "Time from observation to chunk" });
        return report;
    }
}
