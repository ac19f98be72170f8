using System.Text.Json.Nodes;
using CrossFormer.Configuration;
using CrossFormer.Data.OpenX;
using CrossFormer.Statistics;
using CrossFormer.Testing;
using CrossFormer.Training.Configuration;

namespace CrossFormer.Training.Tests.Configuration;

/// <summary>The two shipped configurations mean what the reference's two mean, as it resolves them.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public sealed class ReferenceConfigurationTests
{
    [Fact]
    public void Pretraining_MeansTheSame()
    {
        var reference = Reference("pretrain_config");
        var ours = Read("pretrain.jsonc");
        var data = reference["dataset_kwargs"]!;
        Assert.Equal((int)reference["seed"]!, (int)ours.Seed);
        Assert.Equal((int)reference["num_steps"]!, ours.Steps);
        Assert.Equal((int)reference["log_interval"]!, ours.LogInterval);
        Assert.Equal((int)data["batch_size"]!, ours.BatchSize);
        Assert.Equal((bool)data["balance_weights"]!, ours.Data.BalanceWeights);
        AssertJson(ModelConfiguration.Read(reference["model"]).ToJson(), ModelConfiguration.Read(ours.Model).ToJson());
        AssertJson(reference["text_processor"]!, ours.TextProcessor!);
        AssertOptimizer(reference["optimizer"]!, ours);
        AssertTrajectories(data["traj_transform_kwargs"]!, ours.Data);
        AssertImages(data["frame_transform_kwargs"]!, ours.Data);
        AssertValidation(reference, ours);
        Assert.Equal(reference["eval_datasets"]!.AsArray().Select(d => (string)d!), ours.Validation.Datasets!);

        var oxe = data["oxe_kwargs"]!;
        Assert.Equal((string)oxe["data_mix"]!, ours.Data.Mixture);
        Assert.Equal(oxe["load_camera_views"]!.AsArray().Select(v => (string)v!), ours.Data.Views);
        Assert.Equal((bool)oxe["load_proprio"]!, ours.Data.Proprioception);
        Assert.Equal((bool)oxe["load_depth"]!, ours.Data.Depth);
        Assert.Equal((string)reference["pretrained_loaders"]![0]!["kwargs"]!["restore_path"]!, ours.InitializeEncoders!.Path);

        // Heads: of the mixture's datasets, each learns what it learns there.
        var heads = data["traj_transform_kwargs"]!["head_to_dataset"]!.AsObject();
        foreach (var (dataset, _) in OpenXMixtures.Get(ours.Data.Mixture!).Datasets)
            Assert.Equal(Assert.Single(heads, h => h.Value!.AsArray().Any(d => (string)d! == dataset)).Key, OpenXDatasets.Get(dataset).Head);
    }

    [Fact]
    public void Finetuning_MeansTheSame()
    {
        var reference = Reference("finetune_config");
        var ours = Read("finetune.jsonc");
        Assert.Equal((int)reference["seed"]!, (int)ours.Seed);
        Assert.Equal((int)reference["num_steps"]!, ours.Steps);
        Assert.Equal((int)reference["batch_size"]!, ours.BatchSize);
        Assert.Equal((int)reference["log_interval"]!, ours.LogInterval);
        Assert.Equal((int)reference["eval_interval"]!, ours.Validation.Interval);
        Assert.Equal((int)reference["save_interval"]!, ours.Checkpoints.Interval);
        Assert.Equal((string)reference["pretrained_path"]!, ours.Finetune!.Pretrained);
        Assert.Equal((string)reference["head_name"]!, ours.Finetune.Head);
        Assert.Equal(((string)reference["finetuning_mode"]!, (string)reference["modality"]!), (ours.Finetune.Mode == FinetuneMode.Full ? "full" : "", ours.Data.Conditioning == Conditioning.Both ? "multimodal" : ""));
        AssertOptimizer(reference["optimizer"]!, ours);
        AssertTrajectories(reference["traj_transform_kwargs"]!, ours.Data);
        AssertImages(reference["frame_transform_kwargs"]!, ours.Data);
        AssertValidation(reference, ours);

        var dataset = reference["dataset_kwargs"]!;
        Assert.Equal((string)dataset["name"]!, Assert.Single(ours.Data.Datasets!).Key);
        Assert.Equal("normal", (string)dataset["action_proprio_normalization_type"]!);
        Assert.Equal(Normalization.Normal, ours.Data.Normalization);
        var resolved = OpenXDatasets.Get("bridge_dataset").Resolve(new DatasetOptions { Views = ours.Data.Views, Proprioception = ours.Data.Proprioception });
        Assert.Equal(dataset["image_obs_keys"]!.AsObject().Select(i => new ViewSource(i.Key, (string)i.Value!)), resolved.Images);
        Assert.Empty(resolved.Proprioception);
        Assert.Equal(dataset["action_normalization_mask"]!.AsArray().Select(m => (bool)m!), resolved.ActionMask);
        Assert.Equal((string)dataset["language_key"]!, resolved.Language);
        Assert.EndsWith((string)dataset["standardize_fn"]!["name"]!, resolved.ReferenceFunction);
    }

    private static JsonNode Reference(string name) => Goldens.Json("transforms", "configs.json")[name]!["config"]!;

    private static TrainingConfiguration Read(string file) => ConfigurationFile.Read(Path.Combine(Goldens.Repository, "configs", file));

    private static void AssertOptimizer(JsonNode reference, TrainingConfiguration ours)
    {
        var rate = reference["learning_rate"]!;
        var schedule = ours.Optimizer.LearningRate.ToSchedule(ours.Steps);
        Assert.Equal((string)rate["name"]!, ours.Optimizer.LearningRate.Name.ToString().ToLowerInvariant());
        Assert.Equal(((double)rate["init_value"]!, (double)rate["peak_value"]!, (int)rate["warmup_steps"]!), (schedule.InitialValue, schedule.PeakValue, schedule.WarmupSteps));
        if (schedule is Training.Optimizers.CosineSchedule cosine)
            Assert.Equal(((int)rate["decay_steps"]!, (double)rate["end_value"]!), (cosine.DecaySteps, cosine.EndValue));
        else
            Assert.Equal((double)rate["timescale"]!, Assert.IsType<Training.Optimizers.InverseSquareRootSchedule>(schedule).Timescale);
        Assert.Equal((double)reference["weight_decay"]!, ours.Optimizer.WeightDecay);
        Assert.Equal((double?)reference["clip_gradient"], ours.Optimizer.ClipGradient);
        Assert.Equal((int?)reference["grad_accumulation_steps"] ?? 1, ours.Optimizer.GradAccumulationSteps);
        Assert.Equal(reference["frozen_keys"] is JsonArray keys ? [.. keys.Select(k => (string)k!)] : null, ours.Optimizer.FrozenKeys);
    }

    private static void AssertTrajectories(JsonNode reference, DataConfiguration ours)
    {
        Assert.Equal((int)reference["window_size"]!, ours.WindowSize);
        Assert.Equal((int)reference["action_horizon"]!, ours.ActionHorizon);
        Assert.Equal((int?)reference["max_action_dim"], ours.MaxActionDim);
        Assert.Equal((int?)reference["subsample_length"], ours.SubsampleLength);
        Assert.Equal((string?)reference["goal_relabeling_strategy"] == "uniform", ours.GoalsAreRelabeled);
        Assert.Equal("delete_task_conditioning", (string?)reference["task_augment_strategy"]);
        Assert.Equal((double)reference["task_augment_kwargs"]!["keep_image_prob"]!, ours.KeepImages);
    }

    private static void AssertImages(JsonNode reference, DataConfiguration ours)
    {
        Assert.Equal(reference["resize_size"]!.AsObject().Select(v => v.Key).Order(), ours.Images.Keys.Order());
        foreach (var (view, image) in ours.Images)
        {
            Assert.Equal(reference["resize_size"]![view]!.AsArray().Select(s => (int)s!), image.Size);
            var augment = reference["image_augment_kwargs"]![view]!;
            var expected = augment["augment_order"]!.AsArray().Select(name => augment[(string)name!]!.ToJsonString()).ToArray();
            var actual = image.Augmentations.Select(a => a switch
            {
                { RandomResizedCrop: { } crop } => new JsonObject { ["ratio"] = Numbers(crop.Ratio), ["scale"] = Numbers(crop.Scale) },
                { RandomBrightness: { } value } => Numbers([value]),
                { RandomContrast: { } range } => Numbers(range),
                { RandomSaturation: { } range } => Numbers(range),
                _ => (JsonNode)Numbers([a.RandomHue!.Value]),
            }).ToArray();
            Assert.Equal(expected.Length, actual.Length);
            for (var i = 0; i < expected.Length; i++)
                AssertJson(JsonNode.Parse(expected[i])!, actual[i]);
        }

        static JsonArray Numbers(IEnumerable<float> values) => new([.. values.Select(v => JsonValue.Create(double.Parse(v.ToString())))]);
    }

    private static void AssertValidation(JsonNode reference, TrainingConfiguration ours)
    {
        Assert.Equal((int)reference["val_kwargs"]!["num_val_batches"]!, ours.Validation.Batches);
    }

    // The order of keys means nothing there: the manifest sorts them.
    private static void AssertJson(JsonNode expected, JsonNode actual) => Assert.Equal(Sorted(expected).ToJsonString(), Sorted(actual).ToJsonString());

    private static JsonNode Sorted(JsonNode node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, m.Value is null ? null : Sorted(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(i => i is null ? null : Sorted(i))]),
        JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.Number => JsonValue.Create(Math.Round(value.Deserialize(), 6)),
        _ => node.DeepClone(),
    };
}

file static class Json
{
    public static double Deserialize(this JsonValue value) => System.Text.Json.JsonSerializer.Deserialize<double>(value.ToJsonString());
}
