using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Checkpoints;
using CrossFormer.Configuration;
using CrossFormer.Policies;
using CrossFormer.Testing;
using CrossFormer.Tokenizers;
using TorchSharp;
using static CrossFormer.Tests.ModelGoldens;
using static TorchSharp.torch;

namespace CrossFormer.Tests.Model;

/// <summary>Checkpoints of all forms open, compute what the reference computes, and are saved so that nothing changes.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public sealed class CrossFormerModelTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly string _folder = Directory.CreateTempSubdirectory("crossformer-model-").FullName;

    [Theory]
    [InlineData("msgpack")]
    [InlineData("ocdbt")]
    [InlineData("zarr")]
    public void LoadPretrained_OfEachForm_ComputesWhatTheReferenceComputes(string form)
    {
        using var model = CrossFormerModel.LoadPretrained(Goldens.File("checkpoints", form));
        var expected = Goldens.Arrays("checkpoints", "expected.npz");
        using var none = no_grad();
        var (observations, tasks) = ExampleInputs(model);
        var outputs = model.RunTransformer(observations, tasks);
        foreach (var (name, head) in model.Module.Heads)
            AssertClose(expected[$"head/{name}"], head.Forward(outputs), 2e-5, $"{form} {name}");
        Assert.Equal(7, model.Step);
        Assert.True(model.LastMerge!.IsComplete, model.LastMerge.ToString());
    }

    [Fact]
    public void SampleActions_WithStatistics_EqualsReference()
    {
        using var model = CrossFormerModel.LoadPretrained(Goldens.File("checkpoints", "msgpack"));
        var (observations, tasks) = ExampleInputs(model);
        var actual = model.SampleActions(observations, tasks, "single_arm", model.Statistics["bridge_dataset"].Action);
        var expected = Goldens.Arrays("checkpoints", "sampled.npz")["single_arm_bridge"];
        Assert.Equal(expected.Shape, actual.Shape);
        foreach (var (e, a) in expected.ToSingles().Zip(actual.ToSingles()))
            Assert.Equal(e, a, 2e-5f);
    }

    [Fact]
    public void SavePretrained_AfterLoading_WritesTheSameParameterBytes()
    {
        var source = Goldens.File("checkpoints", "msgpack");
        using (var model = CrossFormerModel.LoadPretrained(source))
            model.SavePretrained(_folder, 7);
        Assert.Equal(File.ReadAllBytes(Path.Combine(source, "7", "default", "checkpoint")), File.ReadAllBytes(Path.Combine(_folder, "7", "default", "checkpoint")));
        Assert.Equal(File.ReadAllBytes(Path.Combine(source, "config.json")), File.ReadAllBytes(Path.Combine(_folder, "config.json")));
        Assert.Equal(File.ReadAllBytes(Path.Combine(source, "example_batch.msgpack")), File.ReadAllBytes(Path.Combine(_folder, "example_batch.msgpack")));
    }

    [Fact]
    public void SavePretrained_AsSafetensors_LoadsToTheSameValues()
    {
        using var model = CrossFormerModel.LoadPretrained(Goldens.File("checkpoints", "msgpack"));
        model.SavePretrained(_folder, 8, CheckpointForm.Safetensors);
        using var again = CrossFormerModel.LoadPretrained(_folder);
        Assert.Equal(8, again.Step);
        foreach (var (a, b) in model.Module.Parameters.All.Zip(again.Module.Parameters.All))
        {
            Assert.Equal(a.Path, b.Path);
            Assert.True(a.Value.equal(b.Value).all().ToBoolean(), a.Path);
        }
    }

    [Fact]
    public void SavePretrained_AfterAPolicyReleasedTheWeights_SaysWhy()
    {
        using var model = CrossFormerModel.LoadPretrained(Goldens.File("checkpoints", "msgpack"));
        using var acting = new ActingModel(model.Module, "quadruped", ["proprio_quadruped"], ScalarType.Float32, release: true);
        var error = Assert.Throws<InvalidOperationException>(() => model.SavePretrained(_folder, 7));
        Assert.Contains("Load the checkpoint again", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void LoadPretrained_WithParametersOfAnotherShape_NamesThem()
    {
        using (var model = CrossFormerModel.LoadPretrained(Goldens.File("checkpoints", "msgpack")))
            model.SavePretrained(_folder, 7);
        var path = Path.Combine(_folder, "config.json");
        var config = JsonNode.Parse(File.ReadAllBytes(path))!;
        config["model"]!["heads"]!["single_arm"]!["kwargs"]!["num_preds"] = 9;
        File.WriteAllText(path, config.ToJsonString());
        var error = Assert.Throws<CheckpointMismatchException>(() => CrossFormerModel.LoadPretrained(_folder));
        Assert.Contains("heads_single_arm/mean_proj/kernel: expected [64,9], the checkpoint has [64,7]", error.Message);
    }

    [Theory]
    [InlineData("""{"module":"os","name":"system","args":[],"kwargs":{}}""", "unknown module os:system")]
    [InlineData("""{"module":"crossformer.model.components.tokenizers","name":"LanguageTokenizer","args":[],"kwargs":{"depth":3}}""", "kwargs.depth: unknown field")]
    [InlineData("""{"module":"crossformer.model.components.action_heads","name":"L1ActionHead","args":[],"kwargs":{"readout_key":"x"}}""", "expected a tokenizer")]
    [InlineData("""{"module":"crossformer.model.components.tokenizers","name":"LowdimObsTokenizer","args":["a"],"kwargs":{}}""", "positional arguments")]
    [InlineData("3", "expected an object, found 3")]
    public void Configuration_ThatIsWrong_IsRefusedWithItsPath(string tokenizer, string message)
    {
        var json = TinyModel.Configuration.ToJson();
        json["observation_tokenizers"]!["primary"] = JsonNode.Parse(tokenizer);
        var error = Assert.Throws<ConfigurationException>(() => ModelConfiguration.Read(JsonNode.Parse(json.ToJsonString())));
        Assert.StartsWith("$.model.observation_tokenizers.primary", error.Path);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void GetSpec_OfThePublishedModel_TellsEveryHeadAndInput()
    {
        using var model = CrossFormerModel.Untrained(Goldens.File("checkpoints", "full"));
        var spec = model.GetSpec();
        Assert.Equal((129_749_155L, 5), (spec.Parameters, spec.WindowSize));
        Assert.Equal(["bimanual 100x14", "nav 4x2", "quadruped 1x12", "single_arm 4x7"], spec.Heads.Select(h => $"{h.Key} {h.Value.ActionHorizon}x{h.Value.ActionDim}").Order());
        Assert.Equal(7, spec.Observations.Count);
        Assert.Equal("uint8[batch, window, 224, 224, 3]", spec.Observations["image_nav"].ToString());
        Assert.Equal("float32[batch, window, 59]", spec.Observations["proprio_quadruped"].ToString());
        Assert.Equal("float32[batch, 512]", spec.Tasks["language_instruction"].ToString());
        Assert.Contains("bridge_dataset", spec.Datasets);
        Assert.Contains("4 steps of 7 dimensions", spec.ToString());
        Assert.DoesNotContain(model.Module.Parameters.All, p => p.IsLoaded);
    }

    [Fact]
    public void CreateTasks_WithGoalsOnly_TakesAZeroVectorForTheInstruction()
    {
        using var model = CrossFormerModel.Untrained(Goldens.File("checkpoints", "full"));
        var tasks = model.CreateTasks(goals: new Dictionary<string, Tensor> { ["image_primary"] = ones([2, 224, 224, 3], ScalarType.Byte) });
        Assert.Equal(["image_primary", "language_instruction"], tasks.Values.Keys.Order());
        Assert.Equal(0, tasks.Values["language_instruction"].abs().max().ToSingle());
        Assert.False(tasks.PadMasks!["language_instruction"].any().ToBoolean());
        var error = Assert.Throws<ArgumentException>(() => model.CreateTasks(["pick up the spoon"]));
        Assert.Contains("text encoder", error.Message);
    }

    [Fact]
    public void RunTransformer_OnWrongShapes_SaysExpectedAndGot()
    {
        using var model = CrossFormerModel.Untrained(Goldens.File("checkpoints", "full"));
        var tasks = model.CreateTasks(goals: new Dictionary<string, Tensor> { ["image_nav"] = ones([1, 224, 224, 3], ScalarType.Byte) });
        var error = Assert.Throws<ArgumentException>(() => model.RunTransformer(
            new Observations(new Dictionary<string, Tensor> { ["proprio_quadruped"] = zeros([1, 2, 46]) }, ones([1, 2], ScalarType.Bool)), tasks));
        Assert.Contains("expected [batch, window, 59], got [1, 2, 46]", error.Message);
        error = Assert.Throws<ArgumentException>(() => model.RunTransformer(
            new Observations(new Dictionary<string, Tensor> { ["image_wrist"] = zeros([1, 2, 8, 8, 3]) }, ones([1, 2], ScalarType.Bool)), tasks));
        Assert.Contains("image_wrist", error.Message);
    }

    [Fact]
    public void ExplainAttention_ShowsReadoutsReadingObservationsOnly()
    {
        using var module = TinyModel.Create();
        var (observations, tasks, _, _) = TinyModel.Batch(0);
        var table = module.Transformer.ExplainAttention(observations, tasks).ToString();
        Assert.Equal(
            """
            Row attends to column; columns in the rows' order, tokens per block in brackets.
            task_language (1)           x..........
            t=0 obs_primary (64)        xxxx.......
            t=0 obs_bimanual (14)       xxxx.......
            t=0 obs_task_language (1)   xxxx.......
            t=0 readout_single_arm (4)  xxxxx......
            t=0 readout_bimanual (10)   xxxx.x.....
            t=1 obs_primary (64)        xxxx..xxx..
            t=1 obs_bimanual (14)       xxxx..xxx..
            t=1 obs_task_language (1)   xxxx..xxx..
            t=1 readout_single_arm (4)  xxxxx.xxxx.
            t=1 readout_bimanual (10)   xxxx.xxxx.x

            """, table, ignoreLineEndingDifferences: true);
    }

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static (Observations Observations, Tasks Tasks) ExampleInputs(CrossFormerModel model)
    {
        var arrays = model.Description.ExampleBatch.FlattenArrays();
        Tensor Read(string path) => arrays[path].DType == DType.Bool
            ? tensor(arrays[path].Read().AsSpan<bool>().ToArray(), [.. arrays[path].Shape.Select(d => (long)d)])
            : ToTensor(arrays[path].Read());
        Dictionary<string, Tensor> Part(string part, IEnumerable<string> keys) => keys.ToDictionary(k => k, k => Read($"{part}/{k}"));
        var (observed, asked) = (model.Module.Shapes.Observations.Keys, model.Module.Shapes.Tasks.Keys);
        return (
            new Observations(Part("observation", observed), Read("observation/timestep_pad_mask"), Part("observation/pad_mask_dict", observed)),
            new Tasks(Part("task", asked), Part("task/pad_mask_dict", asked)));
    }
}
