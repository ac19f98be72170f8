using CrossFormer.Cli.Benchmarks;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Surveys;
using Spectre.Console;

namespace CrossFormer.Cli.Datasets;

/// <summary>A dataset that was just written, read back from end to end.</summary>
internal sealed record WrittenDataset : VerbResult
{
    private WrittenDataset(RldsDataset dataset) => (Out, Dataset, Version) = (dataset.Folder, dataset.Name, dataset.Version);

    /// <summary>The folder of its version.</summary>
    public string Out { get; }

    public string Dataset { get; }

    public string Version { get; }

    /// <summary>The form that it was converted from; null for one that was RLDS before.</summary>
    public string? From { get; init; }

    public required OrderedDictionary<string, SplitSize> Splits { get; init; }

    public required Dictionary<string, string> Features { get; init; }

    /// <summary>Damaged episodes that were passed over.</summary>
    public required int Skipped { get; init; }

    public double PeakMib { get; } = ProcessMemory.PeakMib();

    /// <summary>Reads the dataset: every checksum, every record.</summary>
    /// <param name="folder">The folder of its version.</param>
    /// <param name="skipped">Episodes that were passed over.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static WrittenDataset Read(string folder, int skipped, CancellationToken cancellation)
    {
        var dataset = RldsDataset.Open(folder);
        var splits = new OrderedDictionary<string, SplitSize>();
        foreach (var split in SplitSurvey.ReadAll(dataset, cancellation: cancellation))
            splits.Add(split.Name, new SplitSize(split.Episodes, split.Steps));
        return new WrittenDataset(dataset) { Splits = splits, Features = dataset.Features.ToDictionary(f => f.Key, f => f.ToString()), Skipped = skipped };
    }

    public override void WriteText(IAnsiConsole console)
    {
        console.MarkupLineInterpolated($"[bold]{Out}[/]{(From is null ? "" : $" from {From}")}");
        foreach (var (name, size) in Splits)
            console.MarkupLineInterpolated($"{name}: {size.Episodes:N0} episodes, {size.Steps:N0} steps");
        if (Skipped > 0)
            console.MarkupLineInterpolated($"[yellow]{Skipped} damaged episodes were passed over[/]");
        var table = Terminal.NewTable(console, "feature", "type");
        foreach (var (name, type) in Features)
            table.AddRow(Markup.Escape(name), Markup.Escape(type));
        console.Write(table);
    }

    /// <summary>How much a split holds.</summary>
    internal readonly record struct SplitSize(int Episodes, long Steps);
}
