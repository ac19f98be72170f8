using System.Text.Json.Nodes;
using CrossFormer.Cli.Tests.House;
using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.Verbs;

/// <summary>What <c>bench train</c> says of a step. How fast it was is nobody's business here.</summary>
public sealed class BenchTrainVerbTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "CrossFormer.Cli");

    [Fact]
    [Trait(Goldens.Category, "Slow")]
    public async Task Json_HoldsTimesMemoryAndOperations()
    {
        var run = await ProcessRun.OfAsync(Program, ["bench", "train", "--json", "--precision", "float32"], limit: TimeSpan.FromMinutes(10));

        Assert.True(run.ExitCode == ExitCode.Done, run.Said);
        var result = JsonNode.Parse(run.Output)!.AsObject();
        Assert.True((double)result["peak_gflops_float32"]! > 1);
        var (precision, row) = Assert.Single(result["finetune_batch8_window1"]!.AsObject());
        Assert.Equal("float32", precision);
        Assert.Equal((double)row!["step_ms"]!, new[] { "encoder_ms", "transformer_ms", "optimizer_ms" }.Sum(part => (double)row[part]!), 1e-6);
        // The weights, their gradients and Adam's moments alone: 54 million of 14 bytes.
        Assert.True((double)row["peak_mib"]! > 700, $"{row["peak_mib"]} MiB");
        var mixture = result["mixture"]!;
        Assert.True((double)mixture["gflop_padded"]! > (double)mixture["gflop_grouped"]! && (double)mixture["gflop_grouped"]! > (double)mixture["gflop_grouped_masked_proprio"]!);
    }
}
