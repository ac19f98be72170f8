using System.Text.Json.Nodes;
using System.Xml.Linq;
using CrossFormer.Arrays;
using CrossFormer.Cli.Tests.House;
using CrossFormer.Data.Rlds;
using CrossFormer.Images;

namespace CrossFormer.Cli.Tests.Verbs;

/// <summary>What <c>bench data</c> says of a few frames. How fast they went is nobody's business here.</summary>
public sealed class BenchDataVerbTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "CrossFormer.Cli");

    [Fact]
    public async Task Json_HoldsTheCaseWithOneWorkerAndWithAll_TheReaderAndTheCodecs()
    {
        using var folder = new TemporaryFolder();
        var run = await ProcessRun.OfAsync(Program, ["bench", "data", "--json", "--dataset", Bridge(folder), "--case", "jpeg640_window5", "--workers", "2", "--seconds", "0.2"]);

        Assert.True(run.ExitCode == ExitCode.Done, run.Said);
        var result = JsonNode.Parse(run.Output)!.AsObject();
        var (name, found) = Assert.Single(result["cases"]!.AsObject());
        Assert.Equal("jpeg640_window5", name);
        foreach (var times in new[] { found!, found!["one_worker"]! })
        {
            Assert.Equal((double)times["samples_per_s"]! * 6, (double)times["images_per_s"]!, 1e-6 * (double)times["images_per_s"]!);
            Assert.Equal(1, times["shares"]!.AsObject().Sum(s => (double)s.Value!), 1e-9);
        }

        Assert.All(["speedup", "speedup_per_cpu", "longest_pause_ms", "allocated_bytes_per_image"], n => Assert.True(double.IsFinite((double)found![n]!), n));
        Assert.All(["cores", "decode_per_s_one_thread", "peak_mib"], n => Assert.True((double)result[n]! > 0, n));
        Assert.True((double)result["reader"]!["records_per_s"]! > 0);
        var codecs = result["codecs"]!.AsObject();
        Assert.Equal(["fast_dct", "accurate_dct", "bundled", "scaled"], codecs.Select(c => c.Key));
        Assert.Equal((0, 0), ((int)codecs["fast_dct"]!["max_levels"]!, (int)codecs["fast_dct"]!["resized_max_levels"]!));
        Assert.All(["accurate_dct", "bundled"], c => Assert.InRange((int)codecs[c]!["max_levels"]!, 1, 12));
        Assert.Null(codecs["scaled"]!["max_levels"]);
        Assert.InRange((double)codecs["scaled"]!["resized_mean_levels"]!, 0.01, 6);
    }

    [Fact]
    public async Task Memory_IsDrawnAsAPictureToo()
    {
        using var folder = new TemporaryFolder();
        var picture = Path.Combine(folder.Path, "memory.svg");
        var run = await ProcessRun.OfAsync(Program, ["bench", "data", "--memory", "--frames", "256", "--picture", picture, "--json"]);

        Assert.True(run.ExitCode == ExitCode.Done, run.Said);
        var memory = JsonNode.Parse(run.Output)!["memory"]!;
        Assert.Equal(31, (int)memory["datasets"]!);
        Assert.Equal(256, (long)memory["curve"]!.AsArray()[^1]!["frames"]!);
        Assert.Equal("svg", XDocument.Load(picture).Root!.Name.LocalName);
    }

    // Two episodes of four frames, named and shaped as the Bridge dataset is.
    private static string Bridge(TemporaryFolder folder)
    {
        const int steps = 4;
        var picture = RldsFeature.Image("observation/image_0", 64, 64, ImageFormat.Jpeg);
        RldsFeature[] numbers = [RldsFeature.Tensor("observation/state", DType.Float32, [7]), RldsFeature.Tensor("action", DType.Float32, [7])];
        var text = RldsFeature.Text("language_instruction");
        using var writer = RldsWriter.Open(folder.Path, new RldsDatasetInfo("bridge_dataset"), [picture, .. numbers, text]);
        for (var e = 0; e < 2; e++)
        {
            writer.Write("train",
            [
                new ImageColumn(picture, [.. Enumerable.Range(0, steps).Select(t => (ReadOnlyMemory<byte>)ImageCodec.EncodeJpeg(Formula.Image($"bench/{e}/{t}", 64, 64, 3)))]),
                .. numbers.Select(n => new ArrayColumn(n, Formula.Symmetric($"{n.Name}/{e}", 1, steps, 7))),
                new BytesColumn(text, [.. Enumerable.Repeat($"task {e}", steps)]),
            ]);
        }

        return writer.Complete();
    }
}
