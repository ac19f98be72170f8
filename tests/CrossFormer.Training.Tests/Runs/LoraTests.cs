using CrossFormer.Checkpoints;
using CrossFormer.Configuration;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Runs;

namespace CrossFormer.Training.Tests.Runs;

/// <summary>Low-rank adapters are trained in place of the transformer, and nobody who opens the checkpoint notices.</summary>
public sealed class LoraTests : IDisposable
{
    private const string Transformer = "crossformer_transformer/BlockTransformer_0/";

    private readonly SmallRobot _robot = new();
    private readonly string _pretrained;

    public LoraTests()
    {
        using var run = new TrainingRun(_robot.Configuration("pretrained", "steps=2", "validation.batches=0"));
        _pretrained = run.Finish().Checkpoint;
    }

    [Fact]
    public void MergedCheckpoint_PredictsWhatKernelsAndAdaptersDo()
    {
        using var run = Finetune("run", "steps=6");
        var checkpoint = run.Finish().Checkpoint;
        using var merged = CrossFormerModel.LoadPretrained(checkpoint);
        using var before = CrossFormerModel.LoadPretrained(_pretrained);
        var (expected, actual, untrained) = (Errors(run.Model), Errors(merged), Errors(before));
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5 * Math.Abs(expected[i]));
        Assert.True(expected.Zip(untrained).Any(e => Math.Abs(e.First - e.Second) > 1e-3 * e.Second), "Nothing was learnt, so nothing was compared.");

        double[] Errors(CrossFormerModel model) =>
            [.. Evaluation.Run(model, Configuration("run"), cancellation: TestContext.Current.CancellationToken).SelectMany(e => e.Chunk)];
    }

    [Fact]
    public void OnlyTheAdaptedKernelsMove_WhenTheRestIsFrozen()
    {
        string[] moved;
        using (var run = Finetune("run", "optimizer.frozen_keys=[\"*\"]", "finetune.lora.kernels=[\"query\",\"mlp\"]"))
        {
            Assert.Equal(6, run.Trainable.Count());
            Assert.Equal(run.Adapters, run.Trainable);
            var (before, after) = (Stored(_pretrained), Stored(run.Finish().Checkpoint));
            moved = [.. before.Keys.Where(k => before[k] != after[k])];
            // No moments, and so no gradients, but the adapters'.
            Assert.Equal(run.Adapters.Select(p => p.Path).Order(), OptimizerState("run").Where(k => k.StartsWith("first_moment/", StringComparison.Ordinal)).Select(k => k[13..]).Order());
            Assert.All(run.Model.Module.Parameters.All, p => Assert.False(p.Value.requires_grad, p.Path));
        }

        const string block = $"{Transformer}Transformer_0/encoderblock_0/";
        Assert.Equal([$"{block}MlpBlock_0/Dense_0/kernel", $"{block}MlpBlock_0/Dense_1/kernel", $"{block}MultiHeadDotProductAttention_0/query/kernel"], moved.Order());
    }

    [Theory]
    [InlineData("full", true)]
    [InlineData("head_only", false)]
    public void Mode_DecidesAboutTheRest(string mode, bool tokenizers)
    {
        using var run = Finetune("run", $"finetune.mode={mode}");
        var trained = run.Trainable.Except(run.Adapters).Select(p => p.Path).ToArray();
        Assert.Contains("heads_arm/mean_proj/kernel", trained);
        Assert.Equal(tokenizers, trained.Any(p => p.Contains("observation_tokenizers", StringComparison.Ordinal)));
        Assert.DoesNotContain(trained, p => p.StartsWith(Transformer, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("optimizer.weight_decay=0.1")]
    [InlineData("optimizer.ema_decay=0.5")]
    public void ResumedRun_EndsAlikeToTheBit(string option)
    {
        using (var run = Finetune("whole", option, "steps=6"))
            run.Finish();
        using (var run = Finetune("parts", option, "steps=3"))
            run.Finish();
        Directory.Delete(_pretrained, recursive: true);
        using (var run = new TrainingRun(Configuration("parts", option, "steps=6"), resume: true))
            run.Finish();
        Assert.Equal(Stored(_robot.In("whole")), Stored(_robot.In("parts")));
        Assert.Equal(OptimizerState("whole", 6), OptimizerState("parts", 6));
        foreach (var file in new[] { "optimizer.safetensors", "adapters.safetensors" })
            Assert.Equal(File.ReadAllBytes(_robot.In("whole", "6", "training", file)), File.ReadAllBytes(_robot.In("parts", "6", "training", file)));
    }

    [Fact]
    public void RecomputedActivations_ReachAdaptersBehindFrozenEncoders()
    {
        using (var run = Finetune("kept", "finetune.mode=head_only"))
            run.Finish();
        using (var run = Finetune("again", "finetune.mode=head_only", "recompute=true"))
            run.Finish();
        Assert.Equal(Stored(_robot.In("kept")), Stored(_robot.In("again")));
    }

    [Fact]
    public void RankBeyondTheKernelsSize_IsRefused()
    {
        var problem = Assert.Throws<ConfigurationException>(() => Finetune("run", "finetune.lora.rank=17"));
        Assert.Equal("$.finetune.lora.rank", problem.Path);
        Assert.Contains("at most 16", problem.Message);
    }

    public void Dispose() => _robot.Dispose();

    private TrainingRun Finetune(string run, params string[] overrides) => new(Configuration(run, overrides), pretrained: _pretrained);

    private TrainingConfiguration Configuration(string run, params string[] overrides) => _robot.Configuration(
        run, ["model=null", $"finetune.pretrained={_pretrained}", "finetune.head=arm", "steps=2", "validation.batches=0", "finetune.lora.rank=4", "optimizer.learning_rate=1e-2", .. overrides]);

    private static Dictionary<string, string> Stored(string folder) =>
        OrbaxDirectory.Open(folder).ReadParameters().Arrays.ToDictionary(a => a.Key, a => Convert.ToHexString(a.Value.Read().Bytes.Span));

    private string[] OptimizerState(string run, int step = 2) =>
        [.. CrossFormer.Formats.Safetensors.Open(_robot.In(run, $"{step}", "training", "optimizer.safetensors")).Arrays.Keys];
}
