using CrossFormer.Configuration;
using CrossFormer.Encoders;
using CrossFormer.Parameters;
using CrossFormer.Testing;
using CrossFormer.Tests.Model;
using CrossFormer.Tokenizers;
using CrossFormer.Training.Optimizers;
using CrossFormer.Training.Steps;
using CrossFormer.Training.Tests.Gates;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Training.Tests;

/// <summary>
/// All 710 gradients of the 130M model equal the reference's on a cross-embodied batch. Those of the encoders hang on ReLUs whose input is
/// zero to within float32 rounding, 120 to 290 in each encoder; the reference's rounding sets a few of them otherwise than ours, and no other
/// implementation can know which. They are found by <see cref="GateSearch"/>; with them turned every gradient is within the tolerance.
/// </summary>
[Trait(Goldens.Category, "Slow")]
public sealed class FullGradientGoldenTests(ITestOutputHelper output)
{
    private const string GradientPrefix = "gradient/";

    [Fact]
    public void Gradients_EqualReference()
    {
        using var scope = NewDisposeScope();
        var arrays = Goldens.Arrays("model", "full_gradients.npz");
        var encodings = new List<Encoding>();
        // Accumulation keeps the gradients in the optimizer's state and the parameters as they are.
        var optimizer = new AdamWConfiguration { LearningRate = new ConstantSchedule(0, 0), AccumulationSteps = 2 };
        using var module = new CrossFormerModule(WithoutDropout(FullModelFixture.Configuration()), FullModelFixture.Shapes);
        module.Parameters.FillByFormula();
        using var step = new TrainingStep(module, optimizer) { Encode = Watch };
        var losses = step.Run(FullLossGoldenTests.Batch()).Losses;
        Assert.Equal(arrays["loss"].ToDoubles()[0], losses.Total, 1e-5);
        Assert.Equal(4, encodings.Count);
        var gradients = step.Optimizer.State.Where(s => s.Key.StartsWith(GradientPrefix, StringComparison.Ordinal))
            .ToDictionary(s => s.Key[GradientPrefix.Length..], s => tensor(s.Value.Read().ToSingles()));
        foreach (var encoding in encodings)
        {
            using var encoderScope = NewDisposeScope();
            var prefix = encoding.Encoder.Root.Kernel.Path[..^"conv_root/kernel".Length];
            var parameters = module.Parameters.All.Where(p => p.Path.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
            var gated = new GatedResNet(encoding.Encoder, encoding.Images, encoding.Condition);
            Assert.True(gated.Forward([]).Equals(encoding.Features), $"{prefix}: the gated encoder is another one than the model's.");
            AssertModelsOwn(gated, encoding, parameters, gradients);
            var before = parameters.Count(p => Golden(p.Path).Worst(gradients[p.Path]) > 1);
            var (turned, undecided) = new GateSearch(gated, encoding.Features.grad!, parameters, [.. parameters.Select(p => Golden(p.Path))]).Run();
            foreach (var parameter in parameters)
                gradients[parameter.Path] = parameter.Value.grad!.contiguous().MoveToOuterDisposeScope();
            output.WriteLine($"{prefix}: {before} of {parameters.Length} gradients are beyond the tolerance, {parameters.Count(p => Golden(p.Path).Worst(gradients[p.Path]) > 1)} when {turned.Count} of {undecided} undecided gates are turned:");
            foreach (var gate in turned)
                output.WriteLine($"  {gate.Norm}[{gate.Index}], input {gate.Input:g2}");
        }

        Assert.Equal(710, module.Parameters.All.Count);
        Assert.All(module.Parameters.All, parameter =>
        {
            // What the batch does not contain has no gradient: the reference's are zeros.
            using var gradient = gradients.TryGetValue(parameter.Path, out var found) ? found.alias() : zeros(parameter.Value.numel());
            // A key's bias has a true gradient of zero.
            if (parameter.Path.EndsWith("key/bias", StringComparison.Ordinal))
                Assert.True(gradient.abs().max().ToDouble() < 1e-7, $"{parameter.Path}: {gradient.abs().max().ToDouble():g3} is no rounding noise.");
            else
                Assert.True(Golden(parameter.Path).Worst(gradient) <= 1, $"{parameter.Path}: {Golden(parameter.Path).Worst(gradient):g3} times the allowed difference.");
        });

        GoldenGradient Golden(string path) => GoldenGradient.Read(arrays, path);

        Tensor Watch(IImageEncoder encoder, Tensor images, Tensor? condition)
        {
            var features = encoder.Forward(images, condition, Layers.Computation.Plain).DetachFromDisposeScope();
            features.retain_grad();
            encodings.Add(new Encoding((ResNet)encoder, images.alias().DetachFromDisposeScope(), condition?.alias().DetachFromDisposeScope(), features));
            return features;
        }
    }

    // With no gate turned the gated encoder's gradients are those that training computes: what is found below holds for these.
    private static void AssertModelsOwn(GatedResNet gated, Encoding encoding, IReadOnlyList<Parameter> parameters, IReadOnlyDictionary<string, Tensor> gradients)
    {
        using var scope = NewDisposeScope();
        foreach (var parameter in parameters)
            parameter.Value.grad = null;
        gated.Forward([]).backward([encoding.Features.grad!]);
        Assert.All(parameters, parameter =>
        {
            var (own, computed) = (parameter.Value.grad!.flatten(), gradients[parameter.Path].flatten());
            var error = ((own - computed).norm() / own.norm().clamp_min(1e-12)).ToDouble();
            Assert.True(error < 1e-4, $"{parameter.Path}: training's gradient is {error:g2} of its norm away from the gated encoder's.");
        });
    }

    private static ModelConfiguration WithoutDropout(ModelConfiguration configuration) => configuration with
    {
        Transformer = configuration.Transformer with { DropoutRate = 0, AttentionDropoutRate = 0 },
        ObservationTokenizers = [.. configuration.ObservationTokenizers.Select(t => t.Value is LowdimTokenizerConfiguration lowdim ? new(t.Key, lowdim with { DropoutRate = 0 }) : t)],
    };

    private sealed record Encoding(ResNet Encoder, Tensor Images, Tensor? Condition, Tensor Features);
}
