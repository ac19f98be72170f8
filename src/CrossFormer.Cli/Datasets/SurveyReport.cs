using CrossFormer.Data.Surveys;
using CrossFormer.Reports;

namespace CrossFormer.Cli.Datasets;

/// <summary>The page that <c>data inspect</c> writes: what is in a dataset, and what it looks like.</summary>
internal static class SurveyReport
{
    private const int InstructionsShown = 24;

    public static Report Create(DatasetSurvey survey)
    {
        var dataset = survey.Dataset;
        var lengths = survey.Splits.SelectMany(s => s.Lengths).Select(l => (double)l).ToArray();
        var report = new Report($"{dataset.Name} {dataset.Version}", Summary(dataset.Info.Description))
        {
            Facts =
            [
                ("episodes", $"{survey.Splits.Sum(s => s.Episodes):N0}"),
                ("steps", $"{survey.Splits.Sum(s => s.Steps):N0}"),
                ("splits", string.Join(", ", survey.Splits.Select(s => $"{s.Name} {s.Episodes:N0}"))),
                ("steps an episode", Range(lengths)),
                ("cameras", $"{survey.Cameras.Count}"),
                ("instructions", survey.InstructionFeature is null ? "none" : $"{survey.Instructions.Count:N0} different"),
                ("encoded images", $"{survey.Cameras.Sum(c => c.Bytes) / 1048576.0:N1} MiB"),
            ],
        };
        if (survey.Skipped > 0)
            report.Add(new NoticeSection($"{survey.Skipped} damaged records were passed over; they are in none of the numbers below."));
        if (survey.Findings.Count > 0)
            report.Add(new NoticeSection("Look at these before training:") { Points = survey.Findings });
        foreach (var camera in survey.Cameras.Where(c => c.FirstFrames.Count > 0))
            AddCamera(report, camera);
        foreach (var numbers in survey.Numbers)
        {
            report.Add(new DistributionSection([.. numbers.Dimensions.Select((d, i) => new Distribution($"[{i}]", d.Min, d.Max, d.Histogram, d.Count == 0 ? "" : $"{d.Mean:g3} ± {d.Std:g3}".Replace('-', '−')))])
            {
                Title = numbers.Feature.Name,
                Note = $"{numbers.Feature}, all steps. Right above each: mean ± standard deviation.",
            });
        }

        if (lengths.Distinct().Count() > 1)
            report.Add(new HistogramSection(lengths, "steps") { Title = "Length of episodes" });
        if (survey.Instructions.Count > 0)
        {
            report.Add(new FactsSection([.. survey.Instructions.Take(InstructionsShown).Select(i => (Episodes(i.Value), i.Key.Length == 0 ? "(empty)" : i.Key))])
            {
                Title = "Instructions",
                Note = survey.Instructions.Count > InstructionsShown ? $"The {InstructionsShown} most frequent of {survey.Instructions.Count:N0}." : null,
            });
        }

        report.Add(new FactsSection([.. dataset.Features.Select(f => (f.Key, f.ToString()))]) { Title = "Features" });
        return report;
    }

    private static void AddCamera(Report report, CameraSurvey camera)
    {
        var sizes = string.Join(", ", camera.Sizes.Take(4).Select(s => $"{s.Key.Height}x{s.Key.Width}"));
        report.Add(new FilmstripSection([.. camera.FirstFrames.Select(f => new FilmFrame(f.Image, $"{f.Split} {f.Episode}"))])
        {
            Title = camera.Feature.Name,
            Note = $"{camera.Images:N0} images of {sizes}, {camera.Bytes / 1024.0 / Math.Max(camera.Images, 1):f1} KiB each. First, the beginnings of episodes:",
        });
        var film = camera.Film;
        report.Add(new FilmstripSection([.. film.Select(f => new FilmFrame(f.Image, $"step {f.Step}"))]) { MaxFrames = film.Count, Note = $"Episode {film[0].Episode} of {film[0].Split}:" });
    }

    private static string Range(double[] lengths) =>
        lengths.Length == 0 ? "none" : lengths.Min() == lengths.Max() ? $"{lengths[0]:N0}" : $"{lengths.Min():N0} to {lengths.Max():N0}";

    private static string Episodes(int count) => count == 1 ? "1 episode" : $"{count:N0} episodes";

    private static string? Summary(string description)
    {
        var line = description.ReplaceLineEndings("\n").Split('\n').FirstOrDefault(l => l.Trim().Length > 0)?.Trim();
        return line?.Length > 300 ? line[..300] + "…" : line;
    }
}
