using System.CommandLine;
using CrossFormer.Data.Rlds;
using Spectre.Console;

namespace CrossFormer.Cli.Verbs;

/// <summary>Reads a dataset from end to end and tells what is in it.</summary>
internal sealed class DataInspectVerb : Verb
{
    private readonly Argument<string> _folder = DataCommand.Folder();
    private readonly Option<bool> _skipBad = DataCommand.SkipBad();

    public DataInspectVerb() : base("inspect", "shows a dataset's splits, episodes, steps and features", "./crossformer data inspect ../shared/data/bridge")
    {
        Add(_folder);
        Add(_skipBad);
    }

    protected override Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation) => Task.Run<VerbResult>(() =>
    {
        var dataset = RldsDataset.Open(arguments.GetRequiredValue(_folder));
        var skipped = 0;
        var options = new RldsReadOptions
        {
            SkipBad = arguments.GetValue(_skipBad),
            OnSkipped = (records, problem) =>
            {
                skipped += records;
                terminal.Note($"skipped {records}: {problem.Message}");
            },
        };
        var splits = new OrderedDictionary<string, Split>();
        foreach (var split in dataset.Splits.Where(s => s.EpisodeCount > 0))
        {
            var (episodes, steps) = (0, 0L);
            foreach (var episode in dataset.ReadEpisodes(split.Name, options))
            {
                cancellation.ThrowIfCancellationRequested();
                (episodes, steps) = (episodes + 1, steps + episode.StepCount);
            }

            splits.Add(split.Name, new Split(episodes, steps));
        }

        return new Result(dataset.Name, dataset.Version, splits, dataset.Features.ToDictionary(f => f.Key, f => f.ToString()), skipped);
    }, cancellation);

    private sealed record Split(int Episodes, long Steps);

    private sealed record Result(string Dataset, string Version, OrderedDictionary<string, Split> Splits, Dictionary<string, string> Features, int Skipped) : VerbResult
    {
        public override void WriteText(IAnsiConsole console)
        {
            console.MarkupLineInterpolated($"[bold]{Dataset} {Version}[/]");
            var splits = Terminal.NewTable(console, "split", "episodes", "steps");
            foreach (var (name, split) in Splits)
                splits.AddRow(Markup.Escape(name), $"{split.Episodes:N0}", $"{split.Steps:N0}");
            console.Write(splits);
            var features = Terminal.NewTable(console, "feature", "type");
            foreach (var (name, type) in Features)
                features.AddRow(Markup.Escape(name), Markup.Escape(type));
            console.Write(features);
        }
    }
}
