using CrossFormer.Checkpoints;
using CrossFormer.Configuration;
using CrossFormer.Statistics;
using CrossFormer.Text;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Runs;

namespace CrossFormer.Training.Tests.Runs;

public sealed class FinetuneTests : IDisposable
{
    private const string NewHead = """
        {"model": {"heads": {"hand": {"module": "crossformer.model.components.action_heads", "name": "L1ActionHead", "kwargs": {
          "action_horizon": 2, "action_dim": 2, "num_preds": 2, "pool_strategy": "pass", "readout_key": "readout_hand", "constrain_loss_dims": true}}},
          "readouts": {"hand": 2}}}
        """;

    private readonly SmallRobot _robot = new();
    private readonly string _pretrained;

    public FinetuneTests()
    {
        using var run = new TrainingRun(_robot.Configuration("pretrained", "steps=2", "validation.batches=0"));
        _pretrained = run.Finish().Checkpoint;
    }

    [Fact]
    public void EverythingIsLoaded_AndTheFirstLossIsThePretrainedModels()
    {
        using var run = Finetune("run", "finetune.head=arm");
        Assert.True(run.Merge!.IsComplete);
        Assert.Equal(Stored(_pretrained), run.Model.Module.Parameters.All.ToDictionary(p => p.Path, p => Convert.ToHexString(p.Stored.Read().Bytes.Span)));
    }

    [Fact]
    public void UpdateConfig_AddsAHeadBesideThePretrainedOnes()
    {
        using var run = Finetune("run", "finetune.head=hand", $"finetune.update_config={NewHead}");
        Assert.Equal(["heads_hand/mean_proj/bias", "heads_hand/mean_proj/kernel", "crossformer_transformer/readout_hand_pos_embedding"], run.Merge!.Missing.OrderByDescending(p => p.StartsWith("heads", StringComparison.Ordinal)).ThenBy(p => p));
        Assert.Empty(run.Merge.Skipped);
        var outcome = run.Finish();
        Assert.Equal(["arm", "hand"], ModelConfiguration.Read(System.Text.Json.Nodes.JsonNode.Parse(OrbaxDirectory.Open(outcome.Checkpoint).ReadConfig())!["model"]).Heads.Select(h => h.Key).Order());
    }

    [Fact]
    public void UpdateConfig_AddsATokenizerBesideThePretrainedOnes()
    {
        const string second = """
            {"model": {"observation_tokenizers": {"second": {"module": "crossformer.model.components.tokenizers", "name": "ImageTokenizer", "kwargs": {
              "obs_stack_keys": ["image_primary"], "task_stack_keys": [], "task_film_keys": [],
              "encoder": {"module": "crossformer.model.components.vit_encoders", "name": "PatchEncoder", "kwargs": {"patch_size": 8, "num_features": 8}}}}}}}
            """;
        using var run = Finetune("run", "finetune.head=arm", $"finetune.update_config={second}");
        Assert.All(run.Merge!.Missing, p => Assert.Contains("second", p));
        Assert.Contains("crossformer_transformer/obs_second_pos_embedding", run.Merge.Missing);
        Assert.Contains(run.Merge.Missing, p => p.Contains("observation_tokenizers_second/", StringComparison.Ordinal));
        Assert.Empty(run.Merge.Skipped);
        Assert.True(run.Trainable.Count(p => p.Path.Contains("second", StringComparison.Ordinal)) >= 4);

        var outcome = run.Finish();
        var before = Stored(_pretrained);
        var after = Stored(outcome.Checkpoint);
        Assert.Equal(before.Keys.Union(run.Merge.Missing).Order(), after.Keys.Order());
        using var model = CrossFormerModel.LoadPretrained(outcome.Checkpoint);
        Assert.Equal(["primary", "second"], model.Module.Configuration.ObservationTokenizers.Select(t => t.Key).Order());
    }

    [Fact]
    public void DeleteConfig_DropsAHeadAndSaysSo()
    {
        using var run = Finetune("run", "finetune.head=hand", $"finetune.update_config={NewHead}", "finetune.delete_config=[\"model.heads.arm\", \"model.readouts.arm\"]");
        Assert.Contains("heads_arm/mean_proj/kernel", run.Merge!.Skipped);
        Assert.Equal(["hand"], run.Model.Module.Heads.Keys);
    }

    [Theory]
    [InlineData("finetune.mode=head_only", "heads_arm/")]
    [InlineData("finetune.mode=frozen_transformer", "!BlockTransformer_0")]
    [InlineData("optimizer.frozen_keys=[\"*.bias\"]", "!/bias")]
    public void FrozenParameters_DoNotMove(string mode, string trained)
    {
        string path;
        using (var run = Finetune("run", "finetune.head=arm", mode))
            path = run.Finish().Checkpoint;
        var (before, after) = (Stored(_pretrained), Stored(path));
        var moved = before.Keys.Where(k => before[k] != after[k]).ToArray();
        Assert.NotEmpty(moved);
        Assert.All(before.Keys.Except(moved), k => Assert.False(IsTrained(k) && k.EndsWith("kernel", StringComparison.Ordinal), $"{k} did not move."));
        Assert.All(moved, k => Assert.True(IsTrained(k), $"{k} moved."));

        bool IsTrained(string k) => trained[0] == '!' ? !k.Contains(trained[1..], StringComparison.Ordinal) : k.StartsWith(trained, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownHead_IsRefusedWithTheKnownOnes()
    {
        var problem = Assert.Throws<ConfigurationException>(() => Finetune("run", "finetune.head=leg"));
        Assert.Equal("$.finetune.head", problem.Path);
        Assert.Contains("arm", problem.Message);
    }

    [Fact]
    public void TrainedCheckpoint_KnowsItsInstructionsWithoutATextEncoder()
    {
        using var model = CrossFormerModel.LoadPretrained(_pretrained);
        using var texts = _robot.Configuration("run").TextEncoder!.Create();
        Assert.Equal(texts.Dimension, model.TextEncoder!.Dimension);
        Assert.Equal(((EmbeddingTable)texts).Texts, ((EmbeddingTable)model.TextEncoder).Texts);
    }

    [Fact]
    public void WithoutATextEncoder_ThePretrainedCheckpointsInstructionsCount()
    {
        using var named = Finetune("named", "finetune.head=arm", "steps=2");
        using var inherited = Finetune("inherited", "finetune.head=arm", "steps=2", "text_encoder=null");
        Assert.Equal(named.Finish().Loss, inherited.Finish().Loss);
    }

    [Fact]
    public void WithoutANamedHead_EveryDatasetTrainsItsOwn()
    {
        using var named = Finetune("named", "finetune.head=arm", "steps=1");
        using var own = Finetune("own", $"finetune.update_config={NewHead}", "steps=1");
        Assert.Equal(named.Finish().Loss, own.Finish().Loss, 1e-6);
    }

    [Fact]
    public void GivenStatistics_ReplaceTheDatasetsOwn()
    {
        var file = Path.Combine(_pretrained, "dataset_statistics.json");
        var theirs = StatisticsCollection.Read(file)["small_robot"];
        double[] moved = [.. theirs.Action.Mean.Select(m => m + 1)];
        var given = new DatasetStatistics(
            theirs.Features.ToDictionary(f => f.Key, f => f.Key == "action" ? new FeatureStatistics(moved, theirs.Action.Std) : f.Value), theirs.NumTransitions, theirs.NumTrajectories);
        using (var stream = File.Create(file))
            new StatisticsCollection(new Dictionary<string, DatasetStatistics> { ["small_robot"] = given }).Write(stream);
        using var run = Finetune("run", $"data.statistics={file}");
        Assert.Equal(moved, run.Model.Statistics["small_robot"].Action.Mean);
    }

    [Theory]
    [InlineData("image", ValidationMode.ImageConditioned)]
    [InlineData("language", ValidationMode.TextConditioned)]
    public void Conditioning_DecidesWhatIsTrainedAndValidated(string conditioning, ValidationMode mode)
    {
        using var run = Finetune("run", "finetune.head=arm", $"data.conditioning={conditioning}", "validation.batches=1");
        Assert.Equal([mode], run.Finish().Validation.Select(v => v.Mode));
    }

    [Fact]
    public void ResumedFinetuning_NeedsThePretrainedCheckpointNoMore()
    {
        using (var run = Finetune("run", "finetune.head=hand", $"finetune.update_config={NewHead}", "steps=2"))
            run.Finish();
        Directory.Delete(_pretrained, recursive: true);
        using var second = new TrainingRun(_robot.Configuration("run", Overrides("finetune.head=hand", $"finetune.update_config={NewHead}", "steps=4")), resume: true);
        Assert.Equal(2, second.Step);
        Assert.Equal(4, second.Finish().Steps);
    }

    [Fact]
    public void Report_ShowsCurvesAndEveryMode()
    {
        using var run = new TrainingRun(_robot.Configuration("run"));
        run.Finish();
        var page = File.ReadAllText(run.WriteReport(TestContext.Current.CancellationToken)!);
        Assert.All(new[] { "Training loss", "Validation loss", "gradient norm", "told by goal image", "told by instruction", "told nothing", "told by goal image and instruction" }, t => Assert.Contains(t, page));
    }

    public void Dispose() => _robot.Dispose();

    private TrainingRun Finetune(string run, params string[] overrides) => new(_robot.Configuration(run, Overrides(overrides)), pretrained: _pretrained);

    private string[] Overrides(params string[] overrides) => ["model=null", $"finetune.pretrained={_pretrained}", "steps=2", "validation.batches=0", .. overrides];

    private static Dictionary<string, string> Stored(string folder) =>
        OrbaxDirectory.Open(folder).ReadParameters().Arrays.ToDictionary(a => a.Key, a => Convert.ToHexString(a.Value.Read().Bytes.Span));
}
