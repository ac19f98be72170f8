using System.CommandLine;
using CrossFormer.Cli.Doctor;
using Spectre.Console;

namespace CrossFormer.Cli.Verbs;

/// <summary>Says what this machine has and lacks. Fails only when something is absent without which nothing works.</summary>
internal sealed class DoctorVerb() : Verb("doctor", "says what this machine has, what it lacks, and what mends it", "./crossformer doctor")
{
    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var machine = MachineChecks.OfThisMachine();
        return new Result(new Dictionary<string, Check>
        {
            ["libtorch"] = LibraryChecks.LibTorch(),
            ["cuda"] = LibraryChecks.Cuda(),
            ["jpeg_codec"] = LibraryChecks.JpegCodec(),
            ["onnx_runtime"] = LibraryChecks.OnnxRuntime(),
            ["avx2"] = machine.Avx2(),
            ["avx512f"] = machine.Avx512(),
            ["avx512_bf16"] = machine.Bfloat16(),
            ["amx"] = machine.Amx(),
            ["cores"] = MachineChecks.Cores(),
            ["memory"] = machine.Memory(),
            ["gl"] = LibraryChecks.OffscreenGl(),
            ["mujoco"] = LibraryChecks.MuJoCo(),
            ["ffmpeg"] = await LibraryChecks.FfmpegAsync(cancellation),
        });
    }

    /// <summary>What was found.</summary>
    /// <param name="Checks">By name, the needed ones first.</param>
    internal sealed record Result(IReadOnlyDictionary<string, Check> Checks) : VerbResult
    {
        public override int ToExitCode() => Checks.Values.Any(c => c is { Ok: false, Required: true }) ? ExitCode.Failed : ExitCode.Done;

        public override void WriteText(IAnsiConsole console)
        {
            var table = Terminal.NewTable(console, "check", "", "found", "mend with");
            foreach (var (name, check) in Checks)
                table.AddRow(name, Mark(check), Markup.Escape(check.Detail), Markup.Escape(check.Fix ?? ""));
            console.Write(table);
        }

        private static string Mark(Check check) => check switch
        {
            { Ok: true } => "[green]ok[/]",
            { Required: true } => "[red]broken[/]",
            _ => "[yellow]lacking[/]",
        };
    }
}
