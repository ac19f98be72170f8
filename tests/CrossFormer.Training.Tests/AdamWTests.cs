using System.Runtime.Intrinsics;
using CrossFormer.Arrays;
using CrossFormer.Kernels;
using CrossFormer.Parameters;
using CrossFormer.Training.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Training.Tests;

public sealed class AdamWTests : IDisposable
{
    private const int Size = 70_001;
    private static readonly AdamWNumbers Numbers = new(0.37f, 0.8984375f, 0.1f, 0.999f, 0.001f, 0.1f, 0.001f, 1e-8f, 0.1f, 3e-4f, 0.07f);
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void FusedUpdate_HasTheSameBytesAtEveryWidth()
    {
        Assert.SkipUnless(Instructions.HasAvx2, "This processor has no vectors to compare with.");
        var (plain, narrow) = (Tensors(), Tensors());
        FusedAdamW.Run<BFloat16x1, float>([plain], Numbers);
        FusedAdamW.Run<BFloat16x256, Vector256<float>>([narrow], Numbers);
        var others = new List<AdamWTensors> { narrow };
        if (Instructions.HasAvx512)
        {
            others.Add(Tensors());
            FusedAdamW.Run<BFloat16x512, Vector512<float>>([others[^1]], Numbers);
        }

        foreach (var other in others)
        {
            Assert.True(plain.Value.bytes.SequenceEqual(other.Value.bytes));
            Assert.True(plain.First.bytes.SequenceEqual(other.First.bytes));
            Assert.True(plain.Second.bytes.SequenceEqual(other.Second.bytes));
            Assert.True(plain.Average!.bytes.SequenceEqual(other.Average!.bytes));
        }
    }

    [Fact]
    public void FusedUpdate_EqualsTorchsOperators()
    {
        var (fused, plain) = (Tensors(), Tensors());
        var (parameters, updates) = FusedAdamW.Apply([fused], Numbers);
        var (plainParameters, plainUpdates) = FusedAdamW.Plain([plain], Numbers);
        Assert.Equal(plainParameters, parameters, 1e-5 * plainParameters);
        Assert.Equal(plainUpdates, updates, 1e-5 * plainUpdates);
        Assert.True(fused.Value.allclose(plain.Value, 1e-6, 1e-7));
        Assert.True(fused.Second.allclose(plain.Second, 1e-6, 0));
        Assert.True(fused.Average!.allclose(plain.Average!, 1e-6, 1e-7));
        // An ulp of float32 may decide how bfloat16 rounds.
        Assert.True((fused.First.to(ScalarType.Float32) - plain.First.to(ScalarType.Float32)).ne(0).to(ScalarType.Float32).mean().ToDouble() < 1e-3);
    }

    [Fact]
    public void WithoutGradient_MomentsDecayAndWeightsMove()
    {
        var tensors = Tensors() with { Gradient = null };
        var (before, second) = (tensors.Value.clone(), tensors.Second.clone());
        FusedAdamW.Apply([tensors], Numbers);
        Assert.True(tensors.Second.bytes.SequenceEqual((second * Numbers.Beta2).bytes));
        Assert.True(tensors.Value.ne(before).to(ScalarType.Float32).mean().ToDouble() > 0.99);
    }

    [Fact]
    public void Average_FollowsTheValuesWithTheDecayOfItsStep()
    {
        const int steps = 40;
        using var parameters = Model();
        using var optimizer = new AdamW(parameters, new AdamWConfiguration { LearningRate = new ConstantSchedule(1e-2, 1e-2), AverageDecay = 0.7 });
        var kernel = parameters["layer/kernel"];
        var expected = kernel.Value.detach().to(ScalarType.Float64, copy: true);
        for (var n = 1; n <= steps; n++)
        {
            Step(optimizer, parameters, n);
            var decay = Math.Min(0.7, (1.0 + n) / (10 + n));
            expected = (expected * decay) + (kernel.Value.detach() * (1 - decay));
        }

        var own = kernel.Value.bytes.ToArray();
        using (optimizer.UseAverages())
        {
            Assert.True(kernel.Value.to(ScalarType.Float64).allclose(expected, 0, 1e-6));
            Assert.False(kernel.Value.bytes.SequenceEqual(own));
        }

        Assert.True(kernel.Value.bytes.SequenceEqual(own));
        Assert.True(kernel.Value.requires_grad);
    }

    [Fact]
    public void FrozenParameters_HaveNoAverage()
    {
        using var parameters = Model();
        using var optimizer = new AdamW(parameters, new AdamWConfiguration { LearningRate = new ConstantSchedule(1, 1), AverageDecay = 0.9, FrozenKeys = ["*"] });
        optimizer.Step();
        Assert.Equal(["counters"], optimizer.State.Keys);
    }

    [Theory]
    [InlineData(1, 3, null)]
    [InlineData(3, 4, null)]
    [InlineData(1, 3, 0.8)]
    [InlineData(3, 4, 0.8)]
    [InlineData(3, 2, 0.8)]
    public void RestoredOptimizer_GoesOnToTheBit(int accumulation, int before, double? average)
    {
        var configuration = new AdamWConfiguration { LearningRate = new InverseSquareRootSchedule(0, 1e-2, 2), ClipGradient = 0.5, AccumulationSteps = accumulation, AverageDecay = average };
        using var straight = Model();
        using var first = new AdamW(straight, configuration);
        for (var i = 0; i < before; i++)
            Step(first, straight, i);
        var state = first.State.ToDictionary(s => s.Key, s => (StoredArray)new MemoryArray(s.Value.Read()));
        using var resumed = Model();
        // What a checkpoint holds: the average where there is one.
        using (no_grad())
        using (first.UseAverages())
            resumed["layer/kernel"].Value.copy_(straight["layer/kernel"].Value);
        using var second = new AdamW(resumed, configuration);
        second.Restore(state);
        for (var i = before; i < before + 5; i++)
            Assert.Equal(Step(first, straight, i), Step(second, resumed, i));
        Assert.True(straight["layer/kernel"].Value.bytes.SequenceEqual(resumed["layer/kernel"].Value.bytes));
        using var averages = first.UseAverages();
        using var resumedAverages = second.UseAverages();
        Assert.True(straight["layer/kernel"].Value.bytes.SequenceEqual(resumed["layer/kernel"].Value.bytes));
    }

    [Fact]
    public void Restore_OfAnotherModelsState_NamesTheArray()
    {
        using var parameters = Model();
        using var optimizer = new AdamW(parameters, new AdamWConfiguration { LearningRate = new ConstantSchedule(1e-3, 1e-3) });
        Step(optimizer, parameters, 0);
        var state = optimizer.State.ToDictionary();
        state.Add("first_moment/other/kernel", state["first_moment/layer/kernel"]);
        Assert.Contains("first_moment/other/kernel", Assert.Throws<ArgumentException>(() => optimizer.Restore(state)).Message, StringComparison.Ordinal);
        state.Remove("first_moment/other/kernel");
        state.Remove("second_moment/layer/kernel");
        Assert.Contains("layer/kernel", Assert.Throws<ArgumentException>(() => optimizer.Restore(state)).Message, StringComparison.Ordinal);
    }

    private static StepInfo Step(AdamW optimizer, ParameterSet parameters, int step)
    {
        using var scope = NewDisposeScope();
        var target = CrossFormer.Tests.ModelGoldens.ToTensor(Formula.Symmetric($"adamw/{step}", 1, 40, 7));
        (parameters["layer/kernel"].Value - target).square().sum().backward();
        return optimizer.Step();
    }

    private static ParameterSet Model()
    {
        var set = new ParameterSet();
        set.Declare("layer/kernel", [40, 7], Initializers.Zeros);
        set.FillByFormula();
        return set;
    }

    private static AdamWTensors Tensors()
    {
        Tensor Random(string name) => CrossFormer.Tests.ModelGoldens.ToTensor(Formula.Symmetric(name, 1, Size));
        return new AdamWTensors(Random("value"), Random("gradient"), Random("first").to(ScalarType.BFloat16), Random("second").square(), Decays: true, Random("average"));
    }
}
