using System.CommandLine;
using CrossFormer.Cli.Datasets;
using CrossFormer.Data.Modification;
using CrossFormer.Data.Rlds;

namespace CrossFormer.Cli.Verbs;

/// <summary>Writes a changed copy of a dataset.</summary>
internal sealed class DataModifyVerb : Verb
{
    private readonly Argument<string> _in = new("IN") { Description = "an RLDS dataset's folder, or the folder of one of its versions" };
    private readonly Argument<string> _out = DatasetOptions.Out();
    private readonly Option<string?> _name = DatasetOptions.Name("IN's own name");
    private readonly Option<string?> _resize = DatasetOptions.Resize();
    private readonly Option<bool> _jpeg = new("--jpeg") { Description = "store all colour images as JPEG" };
    private readonly Option<int> _quality = DatasetOptions.JpegQuality();
    private readonly Option<bool> _png = DatasetOptions.Png();
    private readonly Option<bool> _success = new("--success-only") { Description = "keep the episodes that succeeded" };
    private readonly Option<string[]> _drop = DatasetOptions.Features("--drop", "features to leave out; a name stands for all below it too");
    private readonly Option<string[]> _swap = DatasetOptions.Features("--swap-red-blue", "images whose red and blue change places");
    private readonly Option<string[]> _turn = DatasetOptions.Features("--upside-down", "images to turn by 180 degrees");
    private readonly Option<int> _workers = new("--workers") { Description = "episodes that are worked on at a time", HelpName = "N", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<bool> _skipBad = DataCommand.SkipBad();
    private readonly Option<bool> _force = DatasetOptions.Force();

    public DataModifyVerb() : base("modify", "writes a copy of a dataset with other images, fewer features or fewer episodes", "./crossformer data modify ../shared/data/bridge /tmp/small --resize 32 --drop image_1 image_2 image_3")
    {
        Add(_in);
        Add(_out);
        foreach (var option in (ReadOnlySpan<Option>)[_name, _resize, _jpeg, _quality, _png, _success, _drop, _swap, _turn, _workers, _skipBad, _force])
            Add(option);
    }

    protected override Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation) => Task.Run<VerbResult>(() =>
    {
        var (jpeg, png, resize) = (arguments.GetValue(_jpeg), arguments.GetValue(_png), arguments.GetValue(_resize));
        if (jpeg && png)
            throw new UsageException("--jpeg and --png exclude each other.");
        var images = DatasetOptions.Images(resize, arguments.GetValue(_quality), png);
        var skipped = 0;
        var options = new ModificationOptions
        {
            Images = jpeg || png || resize is not null ? images : null,
            SuccessOnly = arguments.GetValue(_success),
            Drop = arguments.GetRequiredValue(_drop),
            SwapRedBlue = arguments.GetRequiredValue(_swap),
            UpsideDown = arguments.GetRequiredValue(_turn),
            Name = arguments.GetValue(_name),
            Workers = Math.Max(1, arguments.GetValue(_workers)),
            Overwrite = arguments.GetValue(_force),
            OnSkipped = !arguments.GetValue(_skipBad) ? null : (what, problem) =>
            {
                Interlocked.Increment(ref skipped);
                terminal.Note($"skipped {what}: {problem.Message}");
            },
        };
        var source = RldsDataset.Open(arguments.GetRequiredValue(_in));
        var folder = EpisodeProgress.Run(terminal, source.Name, progress => DatasetModifier.Modify(source, arguments.GetRequiredValue(_out), options, progress, cancellation));
        return WrittenDataset.Read(folder, skipped, cancellation);
    }, cancellation);
}
