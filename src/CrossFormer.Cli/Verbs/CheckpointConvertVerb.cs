using System.CommandLine;
using System.Diagnostics;
using CrossFormer.Checkpoints;
using CrossFormer.Checkpoints.Hub;
using Spectre.Console;

namespace CrossFormer.Cli.Verbs;

/// <summary>Writes a checkpoint in another form, leaf by leaf, and reads it back to compare.</summary>
internal sealed class CheckpointConvertVerb : Verb
{
    private readonly Argument<string> _in = new("IN") { Description = "the checkpoint: a folder, or hf://owner/name[@revision]" };
    private readonly Argument<string> _out = new("OUT") { Description = "the folder to write to; made when absent" };
    private readonly Option<string> _to = new("--to") { Description = "the form to write; the reference reads msgpack", HelpName = "msgpack|safetensors", Required = true };
    private readonly Option<int?> _step = CheckpointCommand.Step();
    private readonly Option<bool> _force = new("--force") { Description = "replace what OUT holds under that step" };

    public CheckpointConvertVerb() : base("convert", "writes a checkpoint in another form", "./crossformer checkpoint convert tests/Goldens/checkpoints/ocdbt /tmp/converted --to msgpack")
    {
        _to.AcceptOnlyFromAmong(CheckpointResult.NameOf(CheckpointForm.Msgpack), CheckpointResult.NameOf(CheckpointForm.Safetensors));
        Add(_in);
        Add(_out);
        Add(_to);
        Add(_step);
        Add(_force);
    }

    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var (target, step) = (Path.GetFullPath(arguments.GetRequiredValue(_out)), arguments.GetValue(_step));
        var form = Enum.Parse<CheckpointForm>(arguments.GetRequiredValue(_to), ignoreCase: true);
        var folder = await CheckpointSource.ResolveAsync(arguments.GetRequiredValue(_in), CheckpointParts.All, step, terminal, cancellation);
        var directory = OrbaxDirectory.Open(folder);
        if (directory.Root == Path.TrimEndingDirectorySeparator(target))
            throw new UsageException("OUT is the checkpoint that is to be converted; name another folder.");
        var source = directory.ReadParameters(step);
        var description = directory.ReadDescription();
        if (source.Step is null && form == CheckpointForm.Msgpack)
            terminal.Note("The source does not say its training step; it becomes step 0.");
        var conversion = new CheckpointConversion(source, description, target, form);
        if (!arguments.GetValue(_force))
            conversion.RefuseToOverwrite();

        var watch = Stopwatch.StartNew();
        conversion.Write(cancellation);
        var convertMs = watch.Elapsed.TotalMilliseconds;
        var (written, reading) = conversion.ReadBack(cancellation);
        return new Result(written, target) { LoadMs = reading.TotalMilliseconds, ConvertMs = convertMs };
    }

    /// <summary>What was written.</summary>
    internal sealed record Result : CheckpointResult
    {
        public Result(CheckpointParameters written, string folder) : base(written) => Out = folder;

        public string Out { get; }

        public required double ConvertMs { get; init; }

        public override void WriteText(IAnsiConsole console)
        {
            console.MarkupLineInterpolated($"[bold]{Out}[/]");
            console.MarkupLineInterpolated($"{Title}");
            console.MarkupLineInterpolated($"written in {ConvertMs:N0} ms, read back in {LoadMs:N0} ms, and the same bit for bit; peak memory of the process {PeakMib:N1} MiB");
        }
    }
}
