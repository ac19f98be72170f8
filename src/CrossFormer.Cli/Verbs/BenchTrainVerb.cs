using System.CommandLine;
using CrossFormer.Cli.Benchmarks;
using CrossFormer.Policies;
using CrossFormer.Training.Steps;
using Spectre.Console;
using static TorchSharp.torch;

namespace CrossFormer.Cli.Verbs;

/// <summary>Measures a fine-tuning step, each precision in a process of its own, and counts the operations of a pre-training batch.</summary>
internal sealed class BenchTrainVerb : Verb
{
    // The reference, jitted, on two cores: milliseconds of the same work; and the matrix peaks (10^9 operations/s) that speed-ups are scaled to.
    private const double ReferenceMs = 6824, BaselinePeakFloat32 = 375, BaselinePeakBFloat16 = 1963;
    private const int MixtureBatch = 512, MixtureWindow = 5;

    private readonly Option<string?> _precision = SharedOptions.Precision();
    private readonly Option<bool> _recompute = new("--recompute") { Description = "computes activations again in the backward pass instead of keeping them" };
    private readonly Option<string?> _child = new("--child") { Hidden = true };

    public BenchTrainVerb() : base("train", "measures an optimizer step of the published model", "./crossformer bench train")
    {
        foreach (var option in (ReadOnlySpan<Option>)[_precision, _recompute, _child])
            Add(option);
    }

    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var precisions = arguments.GetValue(_precision) is { } one ? [one] : new[] { "float32", "bfloat16" };
        if (arguments.GetValue(_child) is not null)
        {
            var times = TrainBenchmark.Run(Acting.PolicySource.Precision(precisions[0]), arguments.GetValue(_recompute));
            return new StepResult(times.StepMs, times.EncoderMs, times.TransformerMs, times.OptimizerMs, ProcessMemory.PeakMib());
        }

        terminal.Note("measuring the matrix peaks");
        var peaks = new Dictionary<string, double> { ["float32"] = MatrixPeak.Measure(ScalarType.Float32), ["bfloat16"] = MatrixPeak.Measure(ScalarType.BFloat16) };
        var gflop = OperationCount.Finetune(TrainBenchmark.Batch);
        var rows = new Dictionary<string, Row>();
        foreach (var precision in precisions)
        {
            terminal.Note($"measuring a fine-tuning step in {precision}");
            var s = await MeasuringProcess.RunAsync<StepResult>(["bench", "train", "--json", "--child", "step", "--precision", precision, .. arguments.GetValue(_recompute) ? new[] { "--recompute" } : []], cancellation);
            var used = Precisions.Choose(Acting.PolicySource.Precision(precision), TorchSharp.DeviceType.CPU, out var reason) == Precision.BFloat16 ? "bfloat16" : "float32";
            if (reason is not null)
                terminal.Note($"note: {reason}");
            var baseline = used == "bfloat16" ? BaselinePeakBFloat16 : BaselinePeakFloat32;
            rows[precision] = new Row(
                s.StepMs, s.EncoderMs, s.TransformerMs, s.OptimizerMs, s.PeakMib, ReferenceMs / s.StepMs * baseline / peaks[used], gflop / (s.StepMs / 1000) / peaks[used]);
        }

        var (padded, grouped, masked) = OperationCount.Mixture(MixtureBatch, MixtureWindow);
        return new Result(peaks["float32"], peaks["bfloat16"], gflop, rows, new Mixture(padded, grouped, masked));
    }

    private sealed record StepResult(double StepMs, double EncoderMs, double TransformerMs, double OptimizerMs, double PeakMib) : VerbResult
    {
        public override void WriteText(IAnsiConsole console) => console.WriteLine($"{StepMs:f0} ms");
    }

    private sealed record Row(double StepMs, double EncoderMs, double TransformerMs, double OptimizerMs, double PeakMib, double Speedup, double PeakShare);

    private sealed record Mixture(double GflopPadded, double GflopGrouped, double GflopGroupedMaskedProprio);

    private sealed record Result(
        double PeakGflopsFloat32, double PeakGflopsBfloat16, double StepGflop, Dictionary<string, Row> FinetuneBatch8Window1, Mixture Mixture) : VerbResult
    {
        public override void WriteText(IAnsiConsole console)
        {
            console.WriteLine($"Matrix peak: float32 {PeakGflopsFloat32:f0} GFLOP/s, bfloat16 {PeakGflopsBfloat16:f0} GFLOP/s. A fine-tuning step of batch 8: {StepGflop:f0} GFLOP.");
            var table = Terminal.NewTable(console, "precision", "step", "encoder", "transformer", "optimizer ms", "peak MiB", "speed-up", "share of peak");
            foreach (var (precision, row) in FinetuneBatch8Window1)
                table.AddRow(precision, $"{row.StepMs:f0}", $"{row.EncoderMs:f0}", $"{row.TransformerMs:f0}", $"{row.OptimizerMs:f0}", $"{row.PeakMib:f0}", $"{row.Speedup:f1}x", $"{row.PeakShare:p0}");
            console.Write(table);
            console.WriteLine($"A pre-training batch of {MixtureBatch}, window {MixtureWindow}: {Mixture.GflopPadded:f0} GFLOP padded, {Mixture.GflopGrouped:f0} grouped, {Mixture.GflopGroupedMaskedProprio:f0} with absent proprioception masked.");
            console.WriteLine("Speed-up: over the JAX reference on two cores, scaled by the matrix peaks.");
        }
    }
}
