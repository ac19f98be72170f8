using System.CommandLine;
using System.Text.Json.Serialization;
using CrossFormer.Arrays;
using CrossFormer.Cli.Datasets;
using CrossFormer.Data.OpenX;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Trajectories;
using CrossFormer.Formats;
using CrossFormer.Statistics;
using Spectre.Console;

namespace CrossFormer.Cli.Verbs;

/// <summary>The statistics that a dataset's actions and proprioception are normalised with: computed, kept, written, compared.</summary>
internal sealed class DataStatsVerb : Verb
{
    private const int WidestProprioception = 64;

    private readonly Argument<string> _folder = DataCommand.Folder();
    private readonly Option<string?> _configuration = new("--dataset-config") { Description = "what the columns mean: a name of Open X-Embodiment or a dataset file; by default the dataset's own name, if it is one of those", HelpName = "NAME|FILE" };
    private readonly Option<bool> _corrected = new("--corrected") { Description = "transform without the reference's known mistakes" };
    private readonly Option<string?> _compare = new("--compare") { Description = "a dataset_statistics.json, or a cache file of the reference, to compare with", HelpName = "FILE" };
    private readonly Option<string?> _out = new("--out") { Description = "where the statistics go, in the form of dataset_statistics.json", HelpName = "FILE.json" };
    private readonly Option<bool> _recompute = new("--recompute") { Description = "compute them anew even if they are in the cache" };
    private readonly Option<bool> _skipBad = DataCommand.SkipBad();

    public DataStatsVerb() : base("stats", "computes the statistics by which a dataset is normalised", "./crossformer data stats ../shared/data/bridge --out statistics.json")
    {
        foreach (var option in (ReadOnlySpan<Option>)[_configuration, _corrected, _compare, _out, _recompute, _skipBad])
            Add(option);
        Add(_folder);
    }

    protected override Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation) => Task.Run<VerbResult>(() =>
    {
        var skipped = 0;
        var written = arguments.GetValue(_out) is { } file ? SharedOptions.OutputFile(file) : null;
        var reading = DataCommand.Reading(arguments.GetValue(_skipBad), terminal);
        var source = Source(arguments, terminal) with
        {
            ReadOptions = reading with
            {
                OnSkipped = (records, problem) =>
                {
                    skipped += records;
                    reading.OnSkipped!(records, problem);
                },
            },
        };
        var compared = arguments.GetValue(_compare) is { } path ? StatisticsCollection.Read(path)[source.Name] : null;
        var computed = EpisodeProgress.Run(terminal, source.Name, source.Dataset.Splits.Sum(s => (long)s.EpisodeCount), progress =>
            StatisticsCache.GetOrCompute(source, recompute: arguments.GetValue(_recompute), progress: progress, cancellation: cancellation));
        // With the mask of what is normalised: what a checkpoint carries.
        var statistics = new TrajectoryNormalization(source, computed).Statistics;
        if (written is not null)
            AtomicFile.Write(written, new StatisticsCollection(new Dictionary<string, DatasetStatistics> { [source.Name] = statistics }).Write);
        return new Result(source, statistics, compared, skipped) { Out = written };
    }, cancellation);

    private DatasetSource Source(ParseResult arguments, Terminal terminal)
    {
        var (folder, options) = (arguments.GetRequiredValue(_folder), new Data.OpenX.DatasetOptions { Corrected = arguments.GetValue(_corrected) });
        if (arguments.GetValue(_configuration) is { } name)
            return Find(name).Open(folder, options);
        var dataset = RldsDataset.Open(folder);
        if (OpenXDatasets.Contains(dataset.Name))
            return OpenXDatasets.Get(dataset.Name).Resolve(options).Of(dataset);
        terminal.Note($"note: '{dataset.Name}' is no dataset of Open X-Embodiment: actions and observations are taken as they are (--dataset-config says more)");
        return new DatasetSource { Dataset = dataset, ProprioKeys = dataset.Features.Where(IsProprioception).ToDictionary(f => f.Name["observation/".Length..], f => (string?)f.Name["observation/".Length..]) };
    }

    private static DatasetConfiguration Find(string nameOrFile)
    {
        try
        {
            return DatasetConfiguration.Find(nameOrFile);
        }
        catch (KeyNotFoundException e)
        {
            throw new UsageException($"--dataset-config: {e.Message}");
        }
    }

    private static bool IsProprioception(RldsFeature feature) =>
        feature is { PerStep: true, Kind: RldsFeatureKind.Tensor, DType: DType.Float32 or DType.Float64, Shape.Count: 1, SequenceLengths.Count: 0 } &&
        feature.Name.StartsWith("observation/", StringComparison.Ordinal) && feature.Shape[0] is > 0 and <= WidestProprioception;

    private sealed record Feature(double[] Mean, double[] Std, double[]? Min, double[]? Max, double[]? P01, double[]? P99, bool[]? Mask)
    {
        /// <summary>The largest difference of each quantity from the file's, in standard deviations of the file; null without one.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Dictionary<string, double>? Difference { get; init; }
    }

    private sealed record Result : VerbResult
    {
        public Result(DatasetSource source, DatasetStatistics statistics, DatasetStatistics? compared, int skipped)
        {
            (Dataset, Skipped) = (source.Name, skipped);
            (Episodes, Steps) = (statistics.NumTrajectories, statistics.NumTransitions);
            Splits = source.Dataset.Splits.ToDictionary(s => s.Name, s => new Split(s.EpisodeCount));
            Features = statistics.Features.ToDictionary(f => f.Key, f => new Feature(f.Value.Mean, f.Value.Std, f.Value.Min, f.Value.Max, f.Value.P01, f.Value.P99, f.Value.Mask)
            {
                Difference = compared is null ? null : compared.Features.TryGetValue(f.Key, out var other) ? Compare(f.Key, f.Value, other) : [],
            });
        }

        public string Dataset { get; }

        /// <summary>Episodes that the filters keep, of all splits.</summary>
        public long? Episodes { get; }

        public long? Steps { get; }

        public Dictionary<string, Split> Splits { get; }

        public Dictionary<string, Feature> Features { get; }

        public int Skipped { get; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Out { get; init; }

        public override void WriteText(IAnsiConsole console)
        {
            console.MarkupLineInterpolated($"[bold]{Dataset}[/]: {Episodes:N0} episodes, {Steps:N0} steps, all splits");
            var table = Terminal.NewTable(console, "", "mean", "std", "min", "p01", "p99", "max", "normalised");
            foreach (var (name, f) in Features)
            {
                for (var d = 0; d < f.Mean.Length; d++)
                    table.AddRow(Markup.Escape($"{name}[{d}]"), $"{f.Mean[d]:g5}", $"{f.Std[d]:g5}", $"{f.Min?[d]:g5}", $"{f.P01?[d]:g5}", $"{f.P99?[d]:g5}", $"{f.Max?[d]:g5}", f.Mask?[d % f.Mask.Length] == false ? "no" : "yes");
            }

            console.Write(table);
            foreach (var (name, feature) in Features.Where(f => f.Value.Difference is not null))
            {
                console.MarkupLineInterpolated(feature.Difference!.Count == 0
                    ? $"{name}: not in the file"
                    : (FormattableString)$"{name}: farthest from the file, in its standard deviations: {string.Join(", ", feature.Difference.Select(d => $"{d.Key} {d.Value:g2}"))}");
            }

            if (Skipped > 0)
                console.MarkupLineInterpolated($"[yellow]{Skipped:N0} damaged records were passed over[/]");
            if (Out is not null)
                console.MarkupLineInterpolated($"Statistics: {Out}");
        }

        private static Dictionary<string, double> Compare(string name, FeatureStatistics own, FeatureStatistics other)
        {
            if (own.Dimension != other.Dimension || own.Rows != other.Rows)
                throw new UsageException($"--compare: '{name}' has {other.Rows} x {other.Dimension} numbers in the file, {own.Rows} x {own.Dimension} in the dataset: they are of different data.");
            var result = new Dictionary<string, double>();
            foreach (var (quantity, a, b) in new[]
            {
                ("mean", own.Mean, other.Mean), ("std", own.Std, other.Std), ("min", own.Min, other.Min), ("max", own.Max, other.Max), ("p01", own.P01, other.P01), ("p99", own.P99, other.P99),
            })
            {
                if (a is not null && b is not null)
                    result[quantity] = a.Zip(b, (x, y) => Math.Abs(x - y)).Zip(other.Std, (difference, std) => difference == 0 ? 0 : difference / Math.Max(std, 1e-8)).Max();
            }

            return result;
        }
    }

    private sealed record Split(int Episodes);
}
