using CrossFormer.Testing;
using CrossFormer.Tokenizers;
using TorchSharp;
using static CrossFormer.Tests.ModelGoldens;
using static TorchSharp.torch;

namespace CrossFormer.Tests.Model;

/// <summary>The 130M model equals the reference within 5e-5; the reference's own float32 noise there is 1.4e-5.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public sealed class FullModelGoldenTests(FullModelFixture fixture) : IDisposable
{
    private const double Tolerance = 5e-5;
    private static readonly string[] Cameras = ["image_primary", "image_high", "image_nav", "image_left_wrist", "image_right_wrist"];
    private readonly DisposeScope _scope = NewDisposeScope();

    [Fact]
    public void Parameters_HaveTheReferencesNamesAndShapes()
    {
        var expected = Goldens.Json("model", "full_parameters.json").AsObject().Select(p => $"{p.Key} [{string.Join(',', p.Value!.AsArray())}]");
        Assert.Equal(expected.Order(StringComparer.Ordinal), fixture.Module.Parameters.All.Select(p => $"{p.Path} [{string.Join(',', p.Shape)}]").Order(StringComparer.Ordinal));
        Assert.Equal(129_749_155, fixture.Module.Parameters.ElementCount);
    }

    [Theory]
    [InlineData("full_all")]
    [InlineData("full_single_arm", "image_primary")]
    [InlineData("full_nav", "image_nav")]
    [InlineData("full_quadruped", "proprio_quadruped")]
    [InlineData("full_bimanual", "image_high", "image_left_wrist", "image_right_wrist", "proprio_bimanual")]
    public void Forward_EqualsReference(string name, params string[] keys)
    {
        using var none = no_grad();
        var observed = keys.Length == 0 ? [.. FullModelFixture.Shapes.Observations.Keys] : keys;
        AssertForward(name, new Observations(observed.ToDictionary(k => k, Observation), ones([2, 5], ScalarType.Bool)), Tasks());
    }

    [Fact]
    public void Forward_OfPaddedStepsAndCameras_EqualsReference()
    {
        using var none = no_grad();
        var timesteps = tensor(new[] { false, false, true, true, true, false, false, false, false, true }, [2L, 5]);
        var masks = FullModelFixture.Shapes.Observations.Keys.ToDictionary(k => k, _ => ones([2, 5], ScalarType.Bool));
        masks["image_high"] = zeros([2, 5], ScalarType.Bool);
        masks["image_nav"] = tensor(new[] { false, false, false, false, false, true, true, true, true, true }, [2L, 5]);
        var tasks = Tasks();
        var values = tasks.Values.ToDictionary(t => t.Key, t => t.Key is "image_primary" or "language_instruction" ? zeros_like(t.Value) : t.Value);
        AssertForward("full_padded", new Observations(masks.Keys.ToDictionary(k => k, Observation), timesteps, masks), new Tasks(values));
    }

    [Fact]
    public void Forward_OfOneStep_EqualsReference()
    {
        using var none = no_grad();
        var values = FullModelFixture.Shapes.Observations.Keys.ToDictionary(k => k, k => Observation(k).narrow(1, 0, 1));
        AssertForward("full_window1", new Observations(values, ones([2, 1], ScalarType.Bool)), Tasks());
    }

    public void Dispose() => _scope.Dispose();

    internal static Tensor Observation(string key) => Cameras.Contains(key)
        ? Image($"obs/{key}", 2, 5, 224, 224, 3)
        : Values($"obs/{key}", 2, 2, 5, key == "proprio_bimanual" ? 14 : 59);

    internal static Tasks Tasks() => new(new Dictionary<string, Tensor>
    {
        ["image_primary"] = Image("task/image_primary", 2, 224, 224, 3),
        ["image_high"] = Image("task/image_high", 2, 224, 224, 3),
        ["image_nav"] = Image("task/image_nav", 2, 224, 224, 3),
        ["language_instruction"] = Values("task/language_instruction", 0.08, 2, 512),
    });

    private void AssertForward(string name, Observations observations, Tasks tasks)
    {
        var golden = Goldens.Arrays("model", $"{name}.npz");
        var (outputs, actions) = fixture.Module.Forward(observations, tasks);
        Assert.Equal(golden.Keys.Order(), outputs.Keys.Where(k => k is not ("obs" or "task")).Select(k => $"mean/{k}").Concat(actions.Keys.Select(k => $"head/{k}")).Order());
        foreach (var (head, action) in actions)
            AssertClose(golden[$"head/{head}"], action, Tolerance, $"{name} head/{head}");
        foreach (var (group, tokens) in outputs)
        {
            if (golden.TryGetValue($"mean/{group}", out var mean))
                AssertClose(mean, tokens.Tokens.mean([-1]), Tolerance, $"{name} mean/{group}");
        }
    }
}
