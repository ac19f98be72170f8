using System.Text.Json.Nodes;
using CrossFormer.Configuration;
using CrossFormer.Testing;
using CrossFormer.Tests.Model;
using CrossFormer.Tokenizers;

[assembly: AssemblyFixture(typeof(FullModelFixture))]

namespace CrossFormer.Tests.Model;

/// <summary>The 130M model as published, with the formula's parameters: built once, half a gigabyte.</summary>
public sealed class FullModelFixture : IDisposable
{
    private readonly Lazy<CrossFormerModule> _module = new(() =>
    {
        var module = new CrossFormerModule(Configuration(), Shapes);
        module.Parameters.FillByFormula();
        return module;
    });

    public static InputShapes Shapes { get; } = new(
        new Dictionary<string, int[]>
        {
            ["image_primary"] = [224, 224, 3],
            ["image_high"] = [224, 224, 3],
            ["image_nav"] = [224, 224, 3],
            ["image_left_wrist"] = [224, 224, 3],
            ["image_right_wrist"] = [224, 224, 3],
            ["proprio_bimanual"] = [14],
            ["proprio_quadruped"] = [59],
        },
        new Dictionary<string, int[]>
        {
            ["image_primary"] = [224, 224, 3],
            ["image_high"] = [224, 224, 3],
            ["image_nav"] = [224, 224, 3],
            ["language_instruction"] = [512],
        });

    public CrossFormerModule Module => _module.Value;

    public static ModelConfiguration Configuration() =>
        ModelConfiguration.Read(JsonNode.Parse(File.ReadAllBytes(Goldens.File("checkpoints", "full", "config.json")))!["model"]);

    public void Dispose()
    {
        if (_module.IsValueCreated)
            _module.Value.Dispose();
    }
}
