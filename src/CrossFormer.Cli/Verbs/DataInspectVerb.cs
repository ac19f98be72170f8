using System.CommandLine;
using System.Text.Json.Serialization;
using CrossFormer.Cli.Datasets;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Surveys;
using Spectre.Console;

namespace CrossFormer.Cli.Verbs;

/// <summary>Reads a dataset from end to end, tells what is in it and what is odd about it, and draws it on a page.</summary>
internal sealed class DataInspectVerb : Verb
{
    private readonly Argument<string> _folder = DataCommand.Folder();
    private readonly Option<string?> _out = new("--out") { Description = "where a page with frames and histograms goes; none by default", HelpName = "FILE.html" };
    private readonly Option<int?> _episodes = new("--episodes") { Description = "read only so many episodes of each split", HelpName = "N" };
    private readonly Option<bool> _skipBad = DataCommand.SkipBad();

    public DataInspectVerb() : base(
        "inspect", "shows a dataset's splits, features, distributions, frames and instructions, and what is odd about it", "./crossformer data inspect ../shared/data/bridge --out bridge.html")
    {
        _episodes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 1)
                result.AddError("--episodes: expected a number from 1 on.");
        });
        Add(_folder);
        Add(_out);
        Add(_episodes);
        Add(_skipBad);
    }

    protected override Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation) => Task.Run<VerbResult>(() =>
    {
        var dataset = RldsDataset.Open(arguments.GetRequiredValue(_folder));
        var page = arguments.GetValue(_out) is { } path ? SharedOptions.OutputFile(path) : null;
        var options = new SurveyOptions { EpisodesPerSplit = arguments.GetValue(_episodes), Reading = DataCommand.Reading(arguments.GetValue(_skipBad), terminal) };
        var total = dataset.Splits.Sum(s => (long)Math.Min(s.EpisodeCount, options.EpisodesPerSplit ?? int.MaxValue));
        var survey = EpisodeProgress.Run(terminal, dataset.Name, total, progress => DatasetSurvey.Of(dataset, options, progress, cancellation));
        if (page is not null)
            SurveyReport.Create(survey).Save(page);
        return new Result(survey, page);
    }, cancellation);

    private sealed record Split(int Episodes, int Promised, long Steps, int ShortestEpisode, int LongestEpisode);

    private sealed record Camera(long Images, double Mib, string[] Sizes);

    private sealed record Instruction(int Different, int EpisodesWithout, Dictionary<string, int> MostFrequent);

    private sealed record Result : VerbResult
    {
        private const int InstructionsShown = 5;
        private readonly DatasetSurvey _survey;

        public Result(DatasetSurvey survey, string? report) => (_survey, Report) = (survey, report);

        public string Dataset => _survey.Dataset.Name;

        public string Version => _survey.Dataset.Version;

        public string Folder => _survey.Dataset.Folder;

        public Dictionary<string, Split> Splits => _survey.Splits.ToDictionary(
            s => s.Name, s => new Split(s.Episodes, s.Promised, s.Steps, s.Lengths.DefaultIfEmpty(0).Min(), s.Lengths.DefaultIfEmpty(0).Max()));

        public Dictionary<string, string> Features => _survey.Dataset.Features.ToDictionary(f => f.Key, f => f.ToString());

        /// <summary>By feature, dimension by dimension.</summary>
        public Dictionary<string, IReadOnlyList<ValueDistribution>> Distributions => _survey.Numbers.ToDictionary(n => n.Feature.Name, n => n.Dimensions);

        public Dictionary<string, Camera> Cameras => _survey.Cameras.ToDictionary(
            c => c.Feature.Name, c => new Camera(c.Images, c.Bytes / 1048576.0, [.. c.Sizes.Select(s => $"{s.Key.Height}x{s.Key.Width}")]));

        public Instruction? Instructions => _survey.InstructionFeature is null ? null : new(
            _survey.Instructions.Count, _survey.Instructions.FirstOrDefault(i => i.Key.Length == 0).Value, _survey.Instructions.Take(InstructionsShown).ToDictionary());

        public IReadOnlyList<string> Findings => _survey.Findings;

        public int Skipped => _survey.Skipped;

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Report { get; }

        public override void WriteText(IAnsiConsole console)
        {
            console.MarkupLineInterpolated($"[bold]{Dataset} {Version}[/]  {Folder}");
            var splits = Terminal.NewTable(console, "split", "episodes", "steps", "shortest", "longest");
            foreach (var (name, split) in Splits)
            {
                splits.AddRow(
                    Markup.Escape(name), split.Episodes == split.Promised ? $"{split.Episodes:N0}" : $"{split.Episodes:N0} of {split.Promised:N0}",
                    $"{split.Steps:N0}", $"{split.ShortestEpisode:N0}", $"{split.LongestEpisode:N0}");
            }

            console.Write(splits);
            WriteFeatures(console);
            if (_survey.Numbers.Count > 0)
                WriteDistributions(console);
            if (_survey.Instructions.Count > 0)
            {
                var table = Terminal.NewTable(console, "instruction", "episodes");
                foreach (var (text, count) in _survey.Instructions.Take(InstructionsShown))
                    table.AddRow(text.Length == 0 ? "(empty)" : Markup.Escape(text), $"{count:N0}");
                console.Write(table);
                if (_survey.Instructions.Count > InstructionsShown)
                    console.MarkupLineInterpolated($"and {_survey.Instructions.Count - InstructionsShown:N0} more");
            }

            foreach (var finding in Findings)
                console.MarkupLineInterpolated($"[yellow]note[/] {finding}");
            if (Skipped > 0)
                console.MarkupLineInterpolated($"[yellow]{Skipped:N0} damaged records were passed over[/]");
            if (Report is not null)
                console.MarkupLineInterpolated($"Report: {Report}");
        }

        private void WriteFeatures(IAnsiConsole console)
        {
            var table = Terminal.NewTable(console, "feature", "type", "");
            foreach (var feature in _survey.Dataset.Features)
            {
                var camera = _survey.Cameras.FirstOrDefault(c => c.Feature == feature);
                var about = camera is null ? "" : $"{string.Join(", ", camera.Sizes.Take(3).Select(s => $"{s.Key.Height}x{s.Key.Width}"))}, {camera.Bytes / 1024.0 / Math.Max(camera.Images, 1):f1} KiB each";
                table.AddRow(Markup.Escape(feature.Key), Markup.Escape(feature.ToString()), Markup.Escape(about));
            }

            console.Write(table);
        }

        private void WriteDistributions(IAnsiConsole console)
        {
            var table = Terminal.NewTable(console, "numbers", "min", "mean", "max", "std", "histogram");
            foreach (var number in _survey.Numbers)
            {
                for (var i = 0; i < number.Dimensions.Count; i++)
                {
                    var d = number.Dimensions[i];
                    table.AddRow(Markup.Escape($"{number.Feature.Name}[{i}]"), $"{d.Min:g4}", $"{d.Mean:g4}", $"{d.Max:g4}", $"{d.Std:g4}", Sparkline.Of(d.Histogram));
                }
            }

            console.Write(table);
        }
    }
}
