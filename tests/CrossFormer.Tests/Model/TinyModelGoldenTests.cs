using System.Text.Json.Nodes;
using CrossFormer.Configuration;
using CrossFormer.Testing;
using TorchSharp;
using static CrossFormer.Tests.ModelGoldens;
using static TorchSharp.torch;

namespace CrossFormer.Tests.Model;

[Trait(Goldens.Category, Goldens.Reference)]
public class TinyModelGoldenTests
{
    [Fact]
    public void Forward_WithTaskTokensAndMasks_EqualsReference()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var module = TinyModel.Create();
        var golden = Goldens.Arrays("model", "tiny_forward.npz");
        var (observations, tasks, _, _) = TinyModel.Batch(0);
        var (outputs, actions) = module.Forward(observations, tasks);
        Assert.Equal(golden.Keys.Order(), outputs.Keys.Select(k => $"group/{k}").Concat(actions.Keys.Select(k => $"head/{k}")).Order());
        foreach (var (head, action) in actions)
            AssertClose(golden[$"head/{head}"], action, 5e-5, $"head/{head}");
        foreach (var (group, tokens) in outputs)
            AssertClose(golden[$"group/{group}"], tokens.Tokens, 5e-5, $"group/{group}");
    }

    [Fact]
    public void Parameters_HaveTheReferencesNamesAndShapes()
    {
        using var module = TinyModel.Create();
        var expected = Goldens.Json("model", "tiny_parameters.json").AsObject().ToDictionary(p => p.Key, p => string.Join(',', p.Value!.AsArray()));
        Assert.Equal(expected.OrderBy(p => p.Key), module.Parameters.All.ToDictionary(p => p.Path, p => string.Join(',', p.Shape)).OrderBy(p => p.Key));
    }

    [Fact]
    public void Loss_OfTheFirstTrainingStep_EqualsReference()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var module = TinyModel.Create();
        var golden = Goldens.Arrays("model", "train_rsqrt.npz");
        var (observations, tasks, actions, mask) = TinyModel.Batch(0);
        var outputs = module.Transformer.Forward(observations, tasks);
        var total = 0.0;
        foreach (var (name, head) in module.Heads)
        {
            var own = tensor(name == "single_arm" ? new[] { true, false, true, false } : [false, true, false, true]);
            var loss = head.Loss(outputs, actions, observations.TimestepMask, mask, own);
            total += loss.Loss.ToDouble() * own.to(ScalarType.Float32).mean().ToDouble() * head.Configuration.LossWeight;
        }

        Assert.Equal(golden["loss/0"].ToDoubles()[0], total, 1e-5);
    }

    [Fact]
    public void Configuration_WrittenAndReadAgain_IsTheSame()
    {
        var json = TinyModel.Configuration.ToJson().ToJsonString();
        Assert.Equal(json, ModelConfiguration.Read(JsonNode.Parse(json)).ToJson().ToJsonString());
    }
}
