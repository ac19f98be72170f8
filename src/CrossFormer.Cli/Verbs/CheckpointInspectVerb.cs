using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Serialization;
using CrossFormer.Arrays;
using CrossFormer.Checkpoints;
using CrossFormer.Checkpoints.Hub;
using Spectre.Console;

namespace CrossFormer.Cli.Verbs;

/// <summary>Lists a checkpoint's steps and leaves, loads a step's leaves once, and says how that compares with the disk.</summary>
internal sealed class CheckpointInspectVerb : Verb
{
    private const int LargestShown = 10;
    private readonly Argument<string> _checkpoint = SharedOptions.CheckpointArgument();
    private readonly Option<int?> _step = CheckpointCommand.Step();
    private readonly Option<bool> _names = new("--names") { Description = "list every leaf, not only the largest" };

    public CheckpointInspectVerb() : base("inspect", "shows a checkpoint's steps, names, shapes and types, and how fast it loads", "./crossformer checkpoint inspect tests/Goldens/checkpoints/msgpack")
    {
        Add(_checkpoint);
        Add(_step);
        Add(_names);
    }

    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var step = arguments.GetValue(_step);
        var folder = await CheckpointSource.ResolveAsync(arguments.GetRequiredValue(_checkpoint), CheckpointParts.All, step, terminal, cancellation);
        var directory = OrbaxDirectory.Open(folder);
        var parameters = directory.ReadParameters(step);
        var files = CheckpointFiles.Of(directory, parameters, folder);
        // The same bytes from the disk each time, as far as the system lets us; plainly before and after, for what lies below
        // the system (a virtual machine's host, a network's server) may be slower at first.
        var isCold = files.Evict();
        var disk = files.ReadThrough(cancellation);
        isCold &= files.Evict();
        var watch = Stopwatch.StartNew();
        var leaves = new List<NdArray>();
        foreach (var array in parameters.Arrays.Values)
        {
            cancellation.ThrowIfCancellationRequested();
            leaves.Add(array.Read());
        }

        watch.Stop();
        isCold &= files.Evict();
        disk = TimeSpan.FromTicks(Math.Min(disk.Ticks, files.ReadThrough(cancellation).Ticks));
        return new Result(parameters, directory.Steps, arguments.GetValue(_names))
        {
            LoadMs = watch.Elapsed.TotalMilliseconds,
            LoadedMib = CheckpointResult.Mib(leaves.Sum(l => (long)l.Bytes.Length)),
            FileMib = CheckpointResult.Mib(files.Bytes),
            DiskMibPerS = CheckpointResult.Mib(files.Bytes) / disk.TotalSeconds,
            Cold = isCold,
        };
    }

    /// <summary>What was found.</summary>
    internal sealed record Result : CheckpointResult
    {
        private readonly bool _all;

        public Result(CheckpointParameters parameters, IReadOnlyList<int> steps, bool all) : base(parameters) => (Steps, _all) = (steps, all);

        /// <summary>Steps that are there; empty for a safetensors file.</summary>
        public IReadOnlyList<int> Steps { get; }

        public required double LoadedMib { get; init; }

        public required double FileMib { get; init; }

        /// <summary>How fast the same files come when they are read from end to end and dropped, at best of twice.</summary>
        public required double DiskMibPerS { get; init; }

        public double LoadMibPerS => FileMib / (LoadMs / 1000);

        /// <summary><see cref="LoadMibPerS"/> as a part of <see cref="DiskMibPerS"/>.</summary>
        public double FractionOfDisk => LoadMibPerS / DiskMibPerS;

        /// <summary><see cref="CheckpointResult.PeakMib"/> as a multiple of the files.</summary>
        public double PeakOverFile => PeakMib / FileMib;

        /// <summary>Whether both readings came from the disk rather than from the system's cache of it.</summary>
        public bool Cold { get; init; }

        /// <summary>Shape of each leaf, with <c>--names</c>.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Dictionary<string, int[]>? Names => _all ? Arrays.ToDictionary(a => a.Key, a => a.Value.Shape) : null;

        public override void WriteText(IAnsiConsole console)
        {
            console.MarkupLineInterpolated($"[bold]{Title}[/]");
            if (Steps.Count > 0)
                console.MarkupLineInterpolated($"steps available: {string.Join(", ", Steps)}");
            var giver = Cold ? "disk" : "system's file cache";
            console.MarkupLineInterpolated($"loaded {LoadedMib:N1} MiB in {LoadMs:N0} ms: {LoadMibPerS:N0} MiB/s, {FractionOfDisk:0.00} of the {DiskMibPerS:N0} MiB/s at which the {giver} gives the same {FileMib:N1} MiB");
            console.MarkupLineInterpolated($"peak memory of the process {PeakMib:N1} MiB, {PeakOverFile:0.00} times the files");
            var table = Terminal.NewTable(console, _all ? "leaf" : "largest leaves", "type", "shape", "parameters");
            var shown = _all ? Arrays.AsEnumerable() : Arrays.OrderByDescending(a => a.Value.ByteCount).Take(LargestShown);
            foreach (var (name, array) in shown)
                table.AddRow(Markup.Escape(name), array.DType.NumpyName(), Markup.Escape($"[{string.Join(", ", array.Shape)}]"), $"{CountOf(array):N0}");
            console.Write(table);
        }
    }
}
