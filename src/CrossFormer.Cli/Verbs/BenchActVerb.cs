using System.CommandLine;
using CrossFormer.Checkpoints;
using CrossFormer.Cli.Acting;
using CrossFormer.Cli.Benchmarks;
using CrossFormer.Policies;
using Spectre.Console;
using static TorchSharp.torch;

namespace CrossFormer.Cli.Verbs;

/// <summary>
/// Measures the control loop of every robot, each precision in a process of its own so that memory and first calls are its own.
/// Absolute times are this machine's today; the speed-up over the reference is scaled by the matrix peaks of the same run.
/// </summary>
internal sealed class BenchActVerb : Verb
{
    private const string LoopChild = "loop", ColdChild = "cold";

    // The reference, jitted, on two cores: milliseconds of the same work, and the peaks (10^9 operations/s) of the machine whose
    // figures the targets come from.
    private static readonly Dictionary<string, double> ReferenceMs = new() { ["single_arm"] = 964, ["nav"] = 967, ["quadruped"] = 717, ["bimanual"] = 2427 };
    private const double BaselinePeakFloat32 = 375, BaselinePeakBFloat16 = 1963;

    private readonly Option<string?> _checkpoint = SharedOptions.Checkpoint();
    private readonly Option<int> _window = new("--window") { Description = "history steps", HelpName = "N", DefaultValueFactory = _ => 5 };
    private readonly Option<string?> _embodiment = new("--embodiment") { Description = "only this robot", HelpName = "NAME" };
    private readonly Option<string?> _precision = SharedOptions.Precision();
    private readonly Option<string?> _child = new("--child") { Hidden = true };

    public BenchActVerb() : base("act", "measures the control loop of every robot of the published model", "./crossformer bench act")
    {
        _embodiment.AcceptOnlyFromAmong(ActBenchmark.Embodiments);
        foreach (var option in (ReadOnlySpan<Option>)[_checkpoint, _window, _embodiment, _precision, _child])
            Add(option);
    }

    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var (checkpoint, window) = (await CheckpointSource.ResolveAsync(arguments.GetValue(_checkpoint), terminal, cancellation), arguments.GetValue(_window));
        var precisions = arguments.GetValue(_precision) is { } one ? [one] : new[] { "float32", "bfloat16" };
        var embodiments = arguments.GetValue(_embodiment) is { } name ? [name] : ActBenchmark.Embodiments;
        switch (arguments.GetValue(_child))
        {
            case LoopChild:
                return new LoopResult(ActBenchmark.Run(checkpoint, embodiments[0], PolicySource.Precision(precisions[0]), window));
            case ColdChild:
                return new ColdResult(ActBenchmark.ColdStart(checkpoint!));
            default:
                break;
        }

        terminal.Note("measuring the matrix peaks");
        var (peak32, peak16) = (MatrixPeak.Measure(ScalarType.Float32), MatrixPeak.Measure(ScalarType.BFloat16));
        var results = new Dictionary<string, Dictionary<string, Row>>();
        foreach (var embodiment in embodiments)
        {
            float[]? reference = null;
            results[embodiment] = [];
            foreach (var precision in precisions)
            {
                terminal.Note($"measuring {embodiment} in {precision}");
                List<string> words = ["--embodiment", embodiment, "--precision", precision, "--window", window.ToString()];
                if (checkpoint is not null)
                    words.AddRange(["--checkpoint", checkpoint]);
                var times = (await ChildAsync<LoopResult>(LoopChild, words, cancellation)).Times;
                reference ??= times.Actions;
                var errors = times.Actions.Zip(reference, (a, b) => (double)Math.Abs(a - b)).ToArray();
                var scale = times.Precision == Precision.BFloat16 ? BaselinePeakBFloat16 / peak16 : BaselinePeakFloat32 / peak32;
                results[embodiment][precision] = new Row(
                    times.FirstMs, times.P50Ms, times.P95Ms, times.P99Ms, times.PeakMib, errors.Average(), errors.Max(), ReferenceMs[embodiment] / times.P50Ms * scale);
                if (precision == "bfloat16" && times.Precision != Precision.BFloat16)
                    terminal.Note("note: this processor has no bfloat16 instructions; float32 was used");
            }
        }

        return new Result(peak32, peak16, await ColdStartAsync(checkpoint, terminal, cancellation), results);
    }

    // Without a checkpoint one is written first, so that the start includes opening and reading 519 MB, from the page cache.
    private static async Task<double> ColdStartAsync(string? checkpoint, Terminal terminal, CancellationToken cancellation)
    {
        terminal.Note("measuring the cold start");
        var folder = checkpoint is null ? Directory.CreateTempSubdirectory("crossformer-bench-").FullName : null;
        try
        {
            if (folder is not null)
            {
                using var model = PolicySource.Open(null);
                model.SavePretrained(folder, 1, CheckpointForm.Msgpack);
            }

            var best = double.MaxValue;
            for (var i = 0; i < 2; i++)
                best = Math.Min(best, (await ChildAsync<ColdResult>(ColdChild, ["--checkpoint", checkpoint ?? folder!], cancellation)).ColdStartMs);
            return best;
        }
        finally
        {
            if (folder is not null)
                Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<T> ChildAsync<T>(string kind, IReadOnlyList<string> words, CancellationToken cancellation) =>
        MeasuringProcess.RunAsync<T>(["bench", "act", "--json", "--child", kind, .. words], cancellation);

    private sealed record LoopResult(ActTimes Times) : VerbResult
    {
        public override void WriteText(IAnsiConsole console) => console.WriteLine(Times.ToString());
    }

    private sealed record ColdResult(double ColdStartMs) : VerbResult
    {
        public override void WriteText(IAnsiConsole console) => console.WriteLine($"{ColdStartMs:f0} ms");
    }

    private sealed record Row(double FirstMs, double P50Ms, double P95Ms, double P99Ms, double PeakMib, double MeanActionError, double MaxActionError, double Speedup);

    private sealed record Result(double PeakGflopsFloat32, double PeakGflopsBfloat16, double ColdStartMs, Dictionary<string, Dictionary<string, Row>> Embodiments) : VerbResult
    {
        public override void WriteText(IAnsiConsole console)
        {
            console.WriteLine($"Matrix peak: float32 {PeakGflopsFloat32:f0} GFLOP/s, bfloat16 {PeakGflopsBfloat16:f0} GFLOP/s. Cold start to the first action: {ColdStartMs:f0} ms.");
            var table = Terminal.NewTable(console, "robot", "precision", "first", "p50", "p95", "p99 ms", "peak MiB", "mean error", "largest", "speed-up");
            foreach (var (robot, rows) in Embodiments)
            {
                foreach (var (precision, row) in rows)
                {
                    table.AddRow(
                        robot, precision, $"{row.FirstMs:f0}", $"{row.P50Ms:f1}", $"{row.P95Ms:f1}", $"{row.P99Ms:f1}", $"{row.PeakMib:f0}", $"{row.MeanActionError:f5}", $"{row.MaxActionError:f4}", $"{row.Speedup:f1}x");
                }
            }

            console.Write(table);
            console.WriteLine("Errors: actions against float32, normalised units. Speed-up: over the JAX reference on two cores, scaled by the matrix peaks.");
        }
    }
}
