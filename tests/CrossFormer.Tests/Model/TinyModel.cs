using CrossFormer.Configuration;
using CrossFormer.Encoders;
using CrossFormer.Heads;
using CrossFormer.Tokenizers;
using static CrossFormer.Tests.ModelGoldens;
using static TorchSharp.torch;

namespace CrossFormer.Tests.Model;

/// <summary>The goldens' small model of two heads and its batches (goldens' README, model/tiny_forward).</summary>
internal static class TinyModel
{
    public static ModelConfiguration Configuration { get; } = new()
    {
        ObservationTokenizers =
        [
            new("primary", new ImageTokenizerConfiguration
            {
                ObservationKeys = ["image_primary"],
                TaskKeys = ["image_primary"],
                FilmKeys = ["language_instruction"],
                Encoder = new ResNetConfiguration { ClassName = "ViTResnet", Width = 0.5, Stages = [1, 1], UseFilm = true },
            }),
            new("bimanual", new LowdimTokenizerConfiguration { ObservationKeys = ["proprio_bimanual"] }),
        ],
        TaskTokenizers = [new("language", new LanguageTokenizerConfiguration())],
        Heads =
        [
            new("single_arm", Head("single_arm", LossType.L1, 4, 7, 1)),
            new("bimanual", Head("bimanual", LossType.Mse, 10, 14, 0.5)),
        ],
        Readouts = [new("single_arm", 4), new("bimanual", 10)],
        EmbeddingSize = 64,
        MaxHorizon = 4,
        RepeatTaskTokens = true,
        Transformer = new() { Layers = 2, MlpWidth = 128, Heads = 4, DropoutRate = 0, AttentionDropoutRate = 0, RepeatPositionEncoding = true },
    };

    public static InputShapes Shapes { get; } = new(
        new Dictionary<string, int[]> { ["image_primary"] = [64, 64, 3], ["proprio_bimanual"] = [14] },
        new Dictionary<string, int[]> { ["image_primary"] = [64, 64, 3], ["language_instruction"] = [16] });

    public static CrossFormerModule Create()
    {
        var module = new CrossFormerModule(Configuration, Shapes);
        module.Parameters.FillByFormula();
        return module;
    }

    /// <summary>The batch of one step: samples 0 and 2 are single_arm, 1 and 3 bimanual.</summary>
    public static (Observations Observations, Tasks Tasks, Tensor Actions, Tensor ActionMask) Batch(int step)
    {
        var name = $"step{step}";
        var (arm, bimanual) = (tensor(new[] { true, false, true, false }).unsqueeze(1).expand(4, 2), tensor(new[] { false, true, false, true }).unsqueeze(1).expand(4, 2));
        var observations = new Observations(
            new Dictionary<string, Tensor>
            {
                ["image_primary"] = Image($"{name}/image_primary", 4, 2, 64, 64, 3),
                ["proprio_bimanual"] = Values($"{name}/proprio_bimanual", 1.5, 4, 2, 14),
            },
            tensor(new[] { true, true, false, true, true, true, false, true }, [4L, 2]),
            new Dictionary<string, Tensor> { ["image_primary"] = arm, ["proprio_bimanual"] = bimanual });
        var tasks = new Tasks(
            new Dictionary<string, Tensor>
            {
                ["image_primary"] = Image($"{name}/goal", 4, 64, 64, 3),
                ["language_instruction"] = Values($"{name}/language", 0.5, 4, 16),
            },
            new Dictionary<string, Tensor>
            {
                ["image_primary"] = tensor(new[] { true, true, false, false }),
                ["language_instruction"] = tensor(new[] { false, false, true, true }),
            });
        return (observations, tasks, Values($"{name}/action", 1.5, 4, 2, 10, 14), Below($"{name}/action_pad_mask", 0.9, 4, 2, 10, 14));
    }

    private static ActionHeadConfiguration Head(string name, LossType loss, int horizon, int dimension, double weight) => new()
    {
        ReadoutKey = $"readout_{name}",
        Loss = loss,
        Pooling = Pooling.Pass,
        ActionHorizon = horizon,
        ActionDimension = dimension,
        Outputs = dimension,
        ClipPrediction = false,
        LossWeight = weight,
        ConstrainLossDimensions = true,
    };
}
