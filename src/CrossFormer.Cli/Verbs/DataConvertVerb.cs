using System.CommandLine;
using System.Text.RegularExpressions;
using CrossFormer.Cli.Datasets;
using CrossFormer.Data.Conversion;
using CrossFormer.Data.Rlds;

namespace CrossFormer.Cli.Verbs;

/// <summary>Makes an RLDS dataset of recorded episodes in another form.</summary>
internal sealed partial class DataConvertVerb : Verb
{
    private const string Auto = "auto";

    private readonly Argument<string> _in = new("IN") { Description = "a folder of episodes or of HDF5 files, a LeRobot dataset, or one HDF5 file" };
    private readonly Argument<string> _out = DatasetOptions.Out();
    private readonly Option<string> _from = new("--from") { Description = "the form of the episodes", HelpName = "auto|folder|lerobot|aloha|robomimic|libero", DefaultValueFactory = _ => Auto };
    private readonly Option<string?> _name = DatasetOptions.Name("IN's own name");
    private readonly Option<string> _instruction = new("--instruction") { Description = "what the robot was told, for episodes that do not say", HelpName = "TEXT", DefaultValueFactory = _ => "" };
    private readonly Option<double?> _fps = new("--fps") { Description = "steps a second, where no times were recorded", HelpName = "N" };
    private readonly Option<string?> _resize = DatasetOptions.Resize();
    private readonly Option<int> _quality = DatasetOptions.JpegQuality();
    private readonly Option<bool> _png = DatasetOptions.Png();
    private readonly Option<string[]> _drop = DatasetOptions.Features("--drop", "features to leave out");
    private readonly Option<string[]> _swap = DatasetOptions.Features("--swap-red-blue", "cameras whose red and blue change places");
    private readonly Option<string[]> _turn = DatasetOptions.Features("--upside-down", "cameras to turn by 180 degrees");
    private readonly Option<bool> _skipBad = DataCommand.SkipBad();
    private readonly Option<bool> _force = DatasetOptions.Force();

    public DataConvertVerb() : base("convert", "makes an RLDS dataset of recorded episodes (folders, LeRobot, ALOHA, robomimic, LIBERO)", "./crossformer data convert tests/Goldens/foreign/folder /tmp/data --name drawers")
    {
        _from.AcceptOnlyFromAmong([Auto, .. Enum.GetNames<EpisodeFormat>().Select(n => n.ToLowerInvariant())]);
        Add(_in);
        Add(_out);
        foreach (var option in (ReadOnlySpan<Option>)[_from, _name, _instruction, _fps, _resize, _quality, _png, _drop, _swap, _turn, _skipBad, _force])
            Add(option);
    }

    protected override Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation) => Task.Run<VerbResult>(() =>
    {
        var skipped = 0;
        var options = new ConversionOptions
        {
            Images = DatasetOptions.Images(arguments.GetValue(_resize), arguments.GetValue(_quality), arguments.GetValue(_png)),
            Drop = arguments.GetRequiredValue(_drop),
            SwapRedBlue = arguments.GetRequiredValue(_swap),
            UpsideDown = arguments.GetRequiredValue(_turn),
            Instruction = arguments.GetRequiredValue(_instruction),
            FramesPerSecond = arguments.GetValue(_fps),
            Overwrite = arguments.GetValue(_force),
            OnSkipped = !arguments.GetValue(_skipBad) ? null : (entry, problem) =>
            {
                skipped++;
                terminal.Note($"skipped {entry.Name}: {problem.Message}");
            },
        };
        var from = arguments.GetRequiredValue(_from);
        using var source = EpisodeSources.Open(arguments.GetRequiredValue(_in), from == Auto ? null : Enum.Parse<EpisodeFormat>(from, ignoreCase: true));
        var info = new RldsDatasetInfo(arguments.GetValue(_name) ?? NameOf(source.Path)) { Description = $"Converted from {NameOf(source.Format)}." };
        var folder = EpisodeProgress.Run(terminal, info.Name, progress => EpisodeConverter.Convert(source, arguments.GetRequiredValue(_out), info, options, progress, cancellation));
        if (source.Format == EpisodeFormat.Libero && options.UpsideDown.Count == 0)
            terminal.Note("LIBERO's images usually stand on their heads; if these do, convert again with --upside-down CAMERA and --force.");
        return WrittenDataset.Read(folder, skipped, cancellation) with { From = NameOf(source.Format) };
    }, cancellation);

    private static string NameOf(EpisodeFormat format) => format.ToString().ToLowerInvariant();

    // What TFDS accepts as a name.
    private static string NameOf(string path)
    {
        var name = OtherCharacters().Replace(Path.GetFileNameWithoutExtension(path), "_").Trim('_');
        return name.Length > 0 && char.IsAsciiLetter(name[0]) ? name : $"dataset_{name}".TrimEnd('_');
    }

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex OtherCharacters();
}
