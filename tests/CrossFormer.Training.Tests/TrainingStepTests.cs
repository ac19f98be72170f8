using CrossFormer.Tests.Model;
using CrossFormer.Training.Losses;
using CrossFormer.Training.Optimizers;
using CrossFormer.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Training.Tests;

/// <summary>What is not computed changes nothing: against the whole padded batch through every encoder and readout.</summary>
public sealed class TrainingStepTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    public void MixedBatch_HasTheLossAndGradientsOfThePaddedPath(int? largest)
    {
        var batch = Batch();
        using var padded = TinyModel.Create();
        Prepare(padded);
        var outputs = padded.Transformer.Forward(batch.Observations, batch.Tasks, train: true);
        var expected = zeros(1);
        foreach (var (name, head) in padded.Heads)
        {
            var loss = head.Loss(outputs, batch.Actions, batch.Observations.TimestepMask, batch.ActionMask, batch.HeadMasks[name]);
            expected = expected + loss.Loss * (batch.HeadMasks[name].to(ScalarType.Float32).mean() * head.Configuration.LossWeight);
        }

        expected.backward();
        using var grouped = TinyModel.Create();
        var (losses, gradients) = Gradients(grouped, batch, new TrainingStepOptions { LargestGroup = largest });
        Assert.Equal(expected.ToDouble(), losses.Total, 1e-6);
        AssertGradients(padded, gradients);
    }

    [Theory]
    [InlineData(CrossFormer.Policies.Precision.Float32)]
    [InlineData(CrossFormer.Policies.Precision.BFloat16)]
    public void RecomputedActivations_GiveTheSameGradientsToTheBit(CrossFormer.Policies.Precision precision)
    {
        var options = new TrainingStepOptions { Precision = precision };
        var (kept, again) = (WithDropout(options), WithDropout(options with { Recompute = true }));
        Assert.Equal(kept.Losses.Total, again.Losses.Total);
        Assert.Equal(kept.Gradients.Keys.Order(), again.Gradients.Keys.Order());
        Assert.All(kept.Gradients, g => Assert.True(g.Value.AsSpan().SequenceEqual(again.Gradients[g.Key]), $"{g.Key} differs."));

        static (LossReport Losses, IReadOnlyDictionary<string, float[]> Gradients) WithDropout(TrainingStepOptions options)
        {
            using var module = new CrossFormerModule(TinyModel.Configuration with { Transformer = TinyModel.Configuration.Transformer with { DropoutRate = 0.2, AttentionDropoutRate = 0.1 } }, TinyModel.Shapes);
            module.Parameters.FillByFormula();
            random.manual_seed(3);
            return Gradients(module, Batch(), options);
        }
    }

    [Fact]
    public void FineTuning_MinimisesTheNamedHeadAloneOverAllSamples()
    {
        var batch = Batch();
        using var padded = TinyModel.Create();
        Prepare(padded);
        var outputs = padded.Transformer.Forward(batch.Observations, batch.Tasks, train: true);
        var expected = padded.Heads["single_arm"].Loss(outputs, batch.Actions, batch.Observations.TimestepMask, batch.ActionMask).Loss;
        expected.backward();
        using var grouped = TinyModel.Create();
        var (losses, gradients) = Gradients(grouped, batch, new TrainingStepOptions { Head = "single_arm" });
        Assert.Equal(expected.ToDouble(), losses.Total, 1e-6);
        Assert.Equal(["single_arm"], losses.Heads.Keys);
        AssertGradients(padded, gradients);
    }

    // Of the bimanual samples' way nothing is trained: their loss counts, their gradients are none.
    [Fact]
    public void FrozenAllTheWay_SomeSamplesHaveNoGradient()
    {
        using var module = TinyModel.Create();
        double expected;
        using (var all = new TrainingStep(module, Frozen))
            expected = all.Evaluate(Batch()).Total;
        var optimizer = new AdamWConfiguration { LearningRate = new ConstantSchedule(1e-3, 1e-3), FrozenKeys = ["crossformer_transformer*", "heads_bimanual*"] };
        using var step = new TrainingStep(module, optimizer);
        var before = module.Parameters.All.ToDictionary(p => p.Path, p => p.Stored.Read().ToSingles());

        Assert.Equal(expected, step.Run(Batch()).Losses.Total, 1e-6);

        Assert.All(module.Parameters.All, p => Assert.Equal(p.Path.StartsWith("heads_single_arm", StringComparison.Ordinal), !before[p.Path].SequenceEqual(p.Stored.Read().ToSingles())));
    }

    [Fact]
    public void Evaluate_EqualsTheLossOfTheStep_WhereNothingIsDropped()
    {
        using var module = TinyModel.Create();
        using var step = new TrainingStep(module, Frozen);
        var evaluated = step.Evaluate(Batch());
        Assert.Equal(evaluated.Total, Gradients(module, Batch(), new()).Losses.Total, 1e-6);
        Assert.Equal(0.5, evaluated.Heads["bimanual"].SampleFraction);
    }

    // One robot of many alone: the baselines of a cross-embodied policy are trained so.
    [Fact]
    public void HeadWithoutADataset_HasNoSamplesAndNoLoss()
    {
        using var module = TinyModel.Create();
        using var step = new TrainingStep(module, Frozen);
        var (batch, none) = (Batch(), zeros([4], ScalarType.Bool));
        var expected = step.Evaluate(batch with { HeadMasks = new Dictionary<string, Tensor> { ["single_arm"] = Arm(), ["bimanual"] = none } });
        var alone = step.Evaluate(batch with { HeadMasks = new Dictionary<string, Tensor> { ["single_arm"] = Arm() } });
        Assert.Equal(expected.Total, alone.Total);
        Assert.Equal(["single_arm"], alone.Heads.Keys);
    }

    [Fact]
    public void MaskedProprioception_NoLongerReachesRobotsWithoutIt()
    {
        using var module = TinyModel.Create();
        var (batch, options) = (Batch(), new TrainingStepOptions { MaskAbsentProprioception = true });
        var changed = batch with { Observations = batch.Observations with { Values = new Dictionary<string, Tensor>(batch.Observations.Values) { ["proprio_bimanual"] = batch.Observations.Values["proprio_bimanual"] * Arm().logical_not().view(4, 1, 1) } } };
        using var exact = new TrainingStep(module, Frozen);
        using var masked = new TrainingStep(module, Frozen, options);
        Assert.NotEqual(exact.Evaluate(batch).Heads["single_arm"].Loss, exact.Evaluate(changed).Heads["single_arm"].Loss);
        Assert.Equal(masked.Evaluate(batch).Heads["single_arm"].Loss, masked.Evaluate(changed).Heads["single_arm"].Loss);
    }

    [Fact]
    public void BFloat16_StaysNearFloat32()
    {
        using var module = TinyModel.Create();
        using var exact = new TrainingStep(module, Frozen);
        using var half = new TrainingStep(module, Frozen, new TrainingStepOptions { Precision = CrossFormer.Policies.Precision.BFloat16 });
        Assert.Equal(exact.Evaluate(Batch()).Total, half.Evaluate(Batch()).Total, 0.02);
    }

    [Fact]
    public void ManySteps_LeaveNoTensorsBehind()
    {
        using var module = TinyModel.Create();
        using var step = new TrainingStep(module, new AdamWConfiguration { LearningRate = new ConstantSchedule(1e-3, 1e-3) });
        var batch = Batch();
        step.Run(batch);
        step.Run(batch);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (var i = 0; i < 3; i++)
            step.Run(batch);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    private static AdamWConfiguration Frozen => new() { LearningRate = new ConstantSchedule(0, 0), FrozenKeys = ["*"] };

    private static Tensor Arm() => tensor(new[] { true, false, true, false });

    // Goal images in two samples, language in the other two; a padded first step in two.
    private static TrainingBatch Batch()
    {
        var (observations, tasks, actions, mask) = TinyModel.Batch(0);
        return new TrainingBatch(observations, tasks, actions, mask, new Dictionary<string, Tensor> { ["single_arm"] = Arm(), ["bimanual"] = Arm().logical_not() });
    }

    private static void Prepare(CrossFormerModule module)
    {
        foreach (var parameter in module.Parameters.All)
            parameter.Value.requires_grad_(true);
    }

    // A rate of zero and no decay leave the parameters; the second micro-step never comes, so the gradients stay in the state.
    private static (LossReport Losses, IReadOnlyDictionary<string, float[]> Gradients) Gradients(CrossFormerModule module, TrainingBatch batch, TrainingStepOptions options)
    {
        using var step = new TrainingStep(module, new AdamWConfiguration { LearningRate = new ConstantSchedule(0, 0), AccumulationSteps = 2 }, options);
        var losses = step.Run(batch).Losses;
        const string prefix = "gradient/";
        return (losses, step.Optimizer.State.Where(s => s.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(s => s.Key[prefix.Length..], s => s.Value.Read().ToSingles()));
    }

    private static void AssertGradients(CrossFormerModule padded, IReadOnlyDictionary<string, float[]> gradients)
    {
        foreach (var parameter in padded.Parameters.All)
        {
            using var expected = parameter.Value.grad ?? zeros_like(parameter.Value);
            using var actual = gradients.TryGetValue(parameter.Path, out var values) ? tensor(values).view(parameter.Shape) : zeros_like(parameter.Value);
            var (difference, norm) = ((expected - actual).norm().ToDouble(), expected.norm().ToDouble());
            Assert.True(difference <= 2e-5 * norm + 1e-7, $"{parameter.Path}: gradients differ by {difference:g3} of {norm:g3}.");
        }
    }
}
