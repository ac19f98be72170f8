using CrossFormer.Policies;
using CrossFormer.Testing;
using CrossFormer.Tests.Model;
using CrossFormer.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Tests.Policies;

/// <summary>What the acting model leaves out changes nothing: it equals the plain module, and the reference.</summary>
public sealed class ActingModelTests(FullModelFixture fixture) : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [Trait(Goldens.Category, Goldens.Reference)]
    [InlineData("single_arm", "image_primary")]
    [InlineData("nav", "image_nav")]
    [InlineData("quadruped", "proprio_quadruped")]
    [InlineData("bimanual", "image_high", "image_left_wrist", "image_right_wrist", "proprio_bimanual")]
    public void Predict_EqualsReference(string head, params string[] keys)
    {
        var golden = Goldens.Arrays("model", $"full_{head}.npz")[$"head/{head}"];
        using var none = no_grad();
        using var acting = new ActingModel(fixture.Module, head, keys, ScalarType.Float32, release: false);
        var observed = keys.ToDictionary(k => k, FullModelGoldenTests.Observation);
        var tasks = FullModelGoldenTests.Tasks();
        for (var sample = 0; sample < 2; sample++)
        {
            acting.SetTask(new Tasks(tasks.Values.ToDictionary(t => t.Key, t => t.Value.narrow(0, sample, 1))));
            var window = acting.Encode([.. Enumerable.Range(0, 5).Select(t => observed.ToDictionary(o => o.Key, o => o.Value[sample, t]))]);
            var chunk = acting.Predict(window);
            var expected = golden.ToSingles().AsSpan((sample * 5 + 4) * chunk.Length, chunk.Length);
            for (var i = 0; i < chunk.Length; i++)
                Assert.True(Math.Abs(expected[i] - chunk[i]) <= 5e-5, $"{head} sample {sample} element {i}: expected {expected[i]}, got {chunk[i]}.");
        }
    }

    [Theory]
    [InlineData("single_arm", 0)]
    [InlineData("single_arm", 1)]
    [InlineData("bimanual", 0)]
    [InlineData("bimanual", 1)]
    public void Predict_WithTaskTokensAndPaddedSteps_EqualsThePlainModule(string head, int padded)
    {
        using var none = no_grad();
        using var module = TinyModel.Create();
        var (observations, tasks, _, _) = TinyModel.Batch(0);
        for (var sample = 0; sample < 4; sample++)
        {
            var mask = tensor(new[] { padded == 0, true }, [1L, 2]);
            var values = observations.Values.ToDictionary(o => o.Key, o => o.Value.narrow(0, sample, 1));
            var task = new Tasks(tasks.Values.ToDictionary(t => t.Key, t => t.Value.narrow(0, sample, 1)), tasks.PadMasks!.ToDictionary(t => t.Key, t => t.Value.narrow(0, sample, 1)));
            var expected = module.Heads[head].PredictAction(module.Transformer.Forward(new Observations(values, mask), task)).flatten().data<float>().ToArray();

            using var acting = new ActingModel(module, head, [.. values.Keys], ScalarType.Float32, release: false);
            acting.SetTask(task);
            var tokens = acting.Encode([.. Enumerable.Range(0, 2).Select(t => values.ToDictionary(v => v.Key, v => v.Value[0, t]))]);
            var actual = acting.Predict([padded > 0 ? null : tokens[0], tokens[1]]);
            Assert.Equal(expected.Length, actual.Length);
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[i], 2e-5f);
        }
    }

    [Fact]
    public void Predict_InBFloat16_StaysNearFloat32()
    {
        using var none = no_grad();
        string[] keys = ["image_primary"];
        var image = FullModelGoldenTests.Observation("image_primary");
        var task = new Tasks(FullModelGoldenTests.Tasks().Values.ToDictionary(t => t.Key, t => t.Value.narrow(0, 0, 1)));
        var chunks = new[] { ScalarType.Float32, ScalarType.BFloat16 }.Select(precision =>
        {
            using var acting = new ActingModel(fixture.Module, "single_arm", keys, precision, release: false);
            acting.SetTask(task);
            return acting.Predict(acting.Encode([.. Enumerable.Range(0, 5).Select(t => new Dictionary<string, Tensor> { ["image_primary"] = image[0, t] })]));
        }).ToArray();
        var errors = chunks[0].Zip(chunks[1], (a, b) => Math.Abs(a - b)).ToArray();
        Assert.True(errors.Average() <= 0.02 && errors.Max() <= 0.1, $"Mean error {errors.Average():g3}, largest {errors.Max():g3}.");
    }

    [Fact]
    public void Predict_Again_GivesTheSameBytes()
    {
        using var none = no_grad();
        using var module = TinyModel.Create();
        var (observations, tasks, _, _) = TinyModel.Batch(0);
        using var acting = new ActingModel(module, "bimanual", [.. observations.Values.Keys], ScalarType.Float32, release: false);
        acting.SetTask(new Tasks(tasks.Values.ToDictionary(t => t.Key, t => t.Value.narrow(0, 0, 1))));
        float[] Run() => acting.Predict(acting.Encode([.. Enumerable.Range(0, 2).Select(t => observations.Values.ToDictionary(v => v.Key, v => v.Value[0, t]))]));
        var first = Run();
        for (var i = 0; i < 5; i++)
            Assert.Equal(first, Run());
    }

    [Fact]
    public void Predict_LeavesNoTensorsBehind()
    {
        using var none = no_grad();
        using var module = TinyModel.Create();
        var (observations, tasks, _, _) = TinyModel.Batch(0);
        using var acting = new ActingModel(module, "single_arm", [.. observations.Values.Keys], ScalarType.Float32, release: false);
        acting.SetTask(new Tasks(tasks.Values.ToDictionary(t => t.Key, t => t.Value.narrow(0, 0, 1))));
        var frames = Enumerable.Range(0, 2).Select(t => observations.Values.ToDictionary(v => v.Key, v => v.Value[0, t])).ToArray();
        Step();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 3; i++)
            Step();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Step()
        {
            var tokens = acting.Encode(frames);
            acting.Predict(tokens);
            foreach (var t in tokens)
                t.Dispose();
        }
    }

    [Fact]
    public void Constructor_ReleasingWeights_MakesTheModuleRefuseToBeRead()
    {
        using var module = TinyModel.Create();
        using var acting = new ActingModel(module, "single_arm", ["image_primary"], ScalarType.Float32, release: true);
        var error = Assert.Throws<InvalidOperationException>(() => module.Parameters["crossformer_transformer/BlockTransformer_0/Transformer_0/encoder_norm/scale"].Value);
        Assert.Contains("load the checkpoint again", error.Message);
        Assert.False(module.Parameters["crossformer_transformer/readout_bimanual_pos_embedding"].IsLoaded);
    }

    [Fact]
    public void Constructor_ForUnknownInput_NamesWhatTheModelReads()
    {
        using var module = TinyModel.Create();
        var error = Assert.Throws<ArgumentException>(() => new ActingModel(module, "single_arm", ["image_primary", "image_wrist"], ScalarType.Float32, release: false));
        Assert.Contains("image_wrist", error.Message);
        Assert.Contains("proprio_bimanual", error.Message);
    }

    public void Dispose() => _scope.Dispose();
}
