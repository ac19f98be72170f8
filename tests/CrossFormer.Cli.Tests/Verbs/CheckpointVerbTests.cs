using CrossFormer.Checkpoints;
using CrossFormer.Cli.Tests.House;
using CrossFormer.Testing;

namespace CrossFormer.Cli.Tests.Verbs;

public sealed class CheckpointVerbTests : IDisposable
{
    private const string Tree = "7/default/checkpoint";
    private static readonly string[] Sidecars = ["config.json", "dataset_statistics.json", "example_batch.msgpack"];
    private readonly TemporaryFolder _folder = new();

    private string Out => _folder["out"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("msgpack")]
    [InlineData("ocdbt")]
    [InlineData("zarr")]
    public async Task Inspect_TellsEveryForm(string form)
    {
        var run = await CommandRun.OfAsync("checkpoint", "inspect", Goldens.File("checkpoints", form), "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        var json = run.Json;
        Assert.Equal(
            (7, form, 213_011L, 68),
            (json["step"]!.GetValue<int>(), json["form"]!.GetValue<string>(), json["parameters"]!.GetValue<long>(), json["leaves"]!.GetValue<int>()));
        Assert.Equal("[7]", json["steps"]!.ToJsonString());
        Assert.Equal("{\"float32\":68}", json["dtypes"]!.ToJsonString());
        Assert.Equal(213_011 * 4 / 1048576.0, json["loaded_mib"]!.GetValue<double>(), 9);
        Assert.All(["load_ms", "peak_mib", "file_mib", "disk_mib_per_s", "fraction_of_disk"], field => Assert.True(json[field]!.GetValue<double>() > 0, field));
        Assert.Null(json["names"]);
    }

    [Fact]
    public async Task Inspect_ListsEveryNameWhenAsked()
    {
        string[] arguments = ["checkpoint", "inspect", Goldens.File("checkpoints", "msgpack"), "--names"];
        var names = (await CommandRun.OfAsync([.. arguments, "--json"])).Json["names"]!.AsObject();
        var text = (await CommandRun.OfAsync(arguments)).Output;

        Assert.Equal(68, names.Count);
        Assert.Equal("[64,7]", names["heads_single_arm/mean_proj/kernel"]!.ToJsonString());
        Assert.All(names, n => Assert.Contains(n.Key + " ", text));
    }

    [Fact]
    public async Task Inspect_OfAFolderWithoutParametersSaysWhatWasExpected()
    {
        var run = await CommandRun.OfAsync("checkpoint", "inspect", Goldens.File("checkpoints", "full"));

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("Expected a step folder such as", run.Error);
    }

    [Theory]
    [InlineData("8", ExitCode.Failed, "has no step 8; it has 7")]
    [InlineData("-1", ExitCode.Usage, "expected a number from 0 on")]
    public async Task Step_MustExist(string step, int exitCode, string problem)
    {
        var run = await CommandRun.OfAsync("checkpoint", "inspect", Goldens.File("checkpoints", "msgpack"), "--step", step);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(problem, run.Error);
    }

    [Theory]
    [Trait(Goldens.Category, Goldens.Reference)]
    [InlineData("msgpack")]
    [InlineData("ocdbt")]
    [InlineData("zarr")]
    public async Task Convert_ToMsgpackGivesTheReferencesBytes(string form)
    {
        var run = await ConvertAsync(Goldens.File("checkpoints", form), "msgpack", "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal(("msgpack", 7, 68), (run.Json["form"]!.GetValue<string>(), run.Json["step"]!.GetValue<int>(), run.Json["leaves"]!.GetValue<int>()));
        foreach (var file in (string[])[.. Sidecars, Tree])
            Assert.Equal(File.ReadAllBytes(Goldens.File("checkpoints", "msgpack", file)), File.ReadAllBytes(Path.Combine(Out, file)));
    }

    [Fact]
    public async Task Convert_ToSafetensorsAndBackKeepsEveryLeafAndTheStep()
    {
        await ConvertAsync(Goldens.File("checkpoints", "ocdbt"), "safetensors");
        var run = await CommandRun.OfAsync("checkpoint", "convert", Out, _folder["back"], "--to", "msgpack");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        var (expected, back) = (OrbaxDirectory.Open(Goldens.File("checkpoints", "ocdbt")).ReadParameters(), OrbaxDirectory.Open(_folder["back"]).ReadParameters());
        Assert.Equal(7, back.Step);
        Assert.Equal(expected.Arrays.Keys.Order(), back.Arrays.Keys.Order());
        Assert.All(expected.Arrays, a => Assert.Equal(a.Value.Read().Bytes.ToArray(), back.Arrays[a.Key].Read().Bytes.ToArray()));
    }

    [Fact]
    public async Task Convert_ReplacesAStepOnlyWhenForced()
    {
        var source = Goldens.File("checkpoints", "zarr");
        await ConvertAsync(source, "msgpack");
        File.WriteAllText(Path.Combine(Out, Tree), "damaged");

        var refused = await ConvertAsync(source, "msgpack");
        Assert.Equal(ExitCode.Failed, refused.ExitCode);
        Assert.Contains($"{Path.Combine(Out, "7")} exists already", refused.Error);
        Assert.Equal("damaged", File.ReadAllText(Path.Combine(Out, Tree)));

        Assert.Equal(ExitCode.Done, (await ConvertAsync(source, "msgpack", "--force")).ExitCode);
        Assert.Equal(68, OrbaxDirectory.Open(Out).ReadParameters().Arrays.Count);
    }

    [Fact]
    public async Task Convert_LeavesAnotherModelsFolderAlone()
    {
        _folder.Write("out/config.json", "{}");

        var run = await ConvertAsync(Goldens.File("checkpoints", "msgpack"), "safetensors");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("holds another model", run.Error);
        Assert.Equal("{}", File.ReadAllText(_folder["out/config.json"]));
    }

    [Fact]
    public async Task Convert_WritesNoSafetensorsThatStepsWouldHide()
    {
        await ConvertAsync(Goldens.File("checkpoints", "msgpack"), "msgpack");

        var run = await ConvertAsync(Goldens.File("checkpoints", "msgpack"), "safetensors");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("holds steps 7, which are read before a safetensors file", run.Error);
    }

    [Fact]
    public async Task Convert_OntoItselfIsAUsageError()
    {
        await ConvertAsync(Goldens.File("checkpoints", "msgpack"), "msgpack");

        Assert.Equal(ExitCode.Usage, (await ConvertAsync(Out, "msgpack", "--force")).ExitCode);
    }

    [Fact]
    public async Task Convert_KnowsTheFormsThatItCanWrite()
    {
        var run = await ConvertAsync(Goldens.File("checkpoints", "msgpack"), "ocdbt");

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("safetensors", run.Error);
    }

    private Task<CommandRun> ConvertAsync(string source, string form, params string[] options) =>
        CommandRun.OfAsync(["checkpoint", "convert", source, Out, "--to", form, .. options]);
}
