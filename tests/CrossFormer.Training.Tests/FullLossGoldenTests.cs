using CrossFormer.Testing;
using CrossFormer.Tests.Model;
using CrossFormer.Tokenizers;
using CrossFormer.Training.Losses;
using CrossFormer.Training.Optimizers;
using CrossFormer.Training.Steps;
using static CrossFormer.Tests.ModelGoldens;
using static TorchSharp.torch;

namespace CrossFormer.Training.Tests;

/// <summary>Loss and metrics of the 130M model equal the reference's on a cross-embodied batch.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public sealed class FullLossGoldenTests(FullModelFixture fixture)
{
    private static readonly string[][] OwnInputs = [["image_high", "image_left_wrist", "image_right_wrist", "proprio_bimanual"], ["image_primary"]];

    [Fact]
    public void LossAndMetrics_EqualReference()
    {
        using var scope = NewDisposeScope();
        var golden = Goldens.Arrays("model", "full_gradients.npz");
        using var step = new TrainingStep(fixture.Module, new AdamWConfiguration { LearningRate = new ConstantSchedule(0, 0), FrozenKeys = ["*"] });
        var losses = step.Evaluate(Batch());
        Assert.Equal(golden["loss"].ToDoubles()[0], losses.Total, 1e-5);
        foreach (var (name, head) in losses.Heads)
        {
            Assert.Equal(golden[$"metric/{name}/loss"].ToDoubles()[0], head.Loss, 1e-5);
            Assert.Equal(golden[$"metric/{name}/mse"].ToDoubles()[0], head.Mse, 1e-4);
            Assert.Equal(golden[$"metric/{name}/lsign"].ToDoubles()[0], head.SignError, 1e-6);
        }
    }

    internal static TrainingBatch Batch()
    {
        var masks = FullModelFixture.Shapes.Observations.Keys.ToDictionary(k => k, k => tensor(OwnInputs.Select(o => o.Contains(k)).SelectMany(own => new[] { own, own }).ToArray(), [2L, 2]));
        var values = FullModelFixture.Shapes.Observations.ToDictionary(
            o => o.Key, o => o.Value.Length == 3 ? Image($"obs/{o.Key}", [2, 2, .. o.Value]) : Values($"obs/{o.Key}", 2, [2, 2, .. o.Value]));
        var tasks = FullModelFixture.Shapes.Tasks.ToDictionary(
            t => t.Key, t => t.Value.Length == 3 ? Image($"task/{t.Key}", [2, .. t.Value]) : Values($"task/{t.Key}", 0.08, [2, .. t.Value]));
        bool[] bimanual = [true, false], arm = [false, true], none = [false, false];
        return new TrainingBatch(
            new Observations(values, tensor(new[] { false, true, true, true }, [2L, 2]), masks), new Tasks(tasks), Values("action", 1.5, 2, 2, 100, 14), Below("action_pad_mask", 0.9, 2, 2, 100, 14),
            new Dictionary<string, Tensor> { ["bimanual"] = tensor(bimanual), ["single_arm"] = tensor(arm), ["nav"] = tensor(none), ["quadruped"] = tensor(none) });
    }
}
