using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Checkpoints;
using CrossFormer.Configuration;
using CrossFormer.Parameters;
using CrossFormer.Statistics;
using CrossFormer.Text;
using CrossFormer.Training.Configuration;
using static TorchSharp.torch;

namespace CrossFormer.Training.Runs;

/// <summary>The model that a run begins with.</summary>
/// <param name="Model">Owned by the run.</param>
/// <param name="FrozenKeys">Patterns of parameters that are not trained.</param>
/// <param name="Merge">Fine-tuning: which parameters were loaded, are new, or were dropped. Null in pre-training.</param>
internal sealed record ModelStart(CrossFormerModel Model, IReadOnlyList<string> FrozenKeys, MergeReport? Merge)
{
    private const string TransformerKeys = "crossformer_transformer.BlockTransformer_0.*";

    /// <summary>Makes the model of a configuration.</summary>
    /// <param name="configuration">The run.</param>
    /// <param name="pretrained">Fine-tuning: the checkpoint's folder.</param>
    /// <param name="resumed">Folder of the run that goes on, whose own <c>config.json</c> then counts; null at a run's beginning.</param>
    /// <param name="example">Decides the model's inputs.</param>
    /// <param name="statistics">Of the datasets.</param>
    /// <param name="text">What encodes instructions.</param>
    /// <param name="device">Where it lives.</param>
    public static ModelStart Create(TrainingConfiguration configuration, string? pretrained, string? resumed, ArrayTree example, StatisticsCollection statistics, ITextEncoder? text, Device device)
    {
        if (resumed is not null)
        {
            var own = ReadConfig(OrbaxDirectory.Open(resumed));
            var begun = CrossFormerModel.FromConfig(own, example, statistics, text, configuration.Seed, device);
            Adapt(begun, configuration.Finetune?.Lora);
            return new ModelStart(begun, Frozen(configuration, own), null);
        }

        if (configuration.Finetune is not { } finetune)
            return new ModelStart(CrossFormerModel.FromConfig(NewConfig(configuration), example, statistics, text, configuration.Seed, device), configuration.Optimizer.FrozenKeys ?? [], null);

        var folder = OrbaxDirectory.Open(pretrained!);
        var config = ReadConfig(folder);
        var parameters = folder.ReadParameters(finetune.Step);
        foreach (var path in finetune.DeleteConfig)
            Delete(config, path);
        Update(config, finetune.UpdateConfig ?? []);
        // The reference notes it at the top, "to make eval easier".
        config["window_size"] = configuration.Data.WindowSize;
        var model = CrossFormerModel.FromConfig(config, example, statistics, text, configuration.Seed, device);
        var report = model.MergeParameters(parameters.Arrays);
        if (finetune.Head is { } head && !model.Module.Heads.ContainsKey(head))
        {
            var heads = string.Join(", ", model.Module.Heads.Keys);
            model.Dispose();
            throw new ConfigurationException("$.finetune.head", $"the model has no head '{head}'; it has {heads} (finetune.update_config can add one)");
        }

        Adapt(model, finetune.Lora);
        return new ModelStart(model, Frozen(configuration, config), report);
    }

    private static void Adapt(CrossFormerModel model, LoraConfiguration? lora)
    {
        if (lora is null)
            return;
        try
        {
            model.Module.Adapt(lora.Kernels, lora.Rank, lora.Alpha / lora.Rank);
        }
        catch (ArgumentException e)
        {
            model.Dispose();
            throw new ConfigurationException("$.finetune.lora.rank", e.Message, e);
        }
    }

    // Adapters take the place of the transformer's own parameters.
    private static IReadOnlyList<string> Frozen(TrainingConfiguration configuration, JsonObject config) =>
        configuration.Finetune?.Lora is null ? FrozenByMode(configuration, config) : [.. FrozenByMode(configuration, config), TransformerKeys];

    // Unless it is told otherwise, fine-tuning freezes what the checkpoint's own training froze, as in the reference.
    private static IReadOnlyList<string> FrozenByMode(TrainingConfiguration configuration, JsonObject config) => (configuration.Optimizer.FrozenKeys, configuration.Finetune?.Mode) switch
    {
        ({ } keys, _) => keys,
        (_, FinetuneMode.HeadOnly) => ["crossformer_transformer.*"],
        (_, FinetuneMode.FrozenTransformer) => [TransformerKeys],
        _ => config["optimizer"]?["frozen_keys"] is JsonArray list ? [.. list.Select(k => k!.GetValue<string>())] : [],
    };

    private static JsonObject ReadConfig(OrbaxDirectory folder) =>
        CrossFormerModel.ParseConfig(folder.ReadConfig(), Path.Combine(folder.Root, OrbaxDirectory.ConfigName));

    private static JsonObject NewConfig(TrainingConfiguration configuration) => new()
    {
        ["model"] = configuration.Model!.DeepClone(),
        ["window_size"] = configuration.Data.WindowSize,
        ["seed"] = configuration.Seed,
        ["text_processor"] = configuration.TextProcessor?.DeepClone(),
        ["optimizer"] = new JsonObject { ["frozen_keys"] = new JsonArray([.. (configuration.Optimizer.FrozenKeys ?? []).Select(k => JsonValue.Create(k))]) },
    };

    private static void Update(JsonObject target, JsonObject update)
    {
        foreach (var (name, value) in update)
        {
            if (target[name] is JsonObject inner && value is JsonObject changes)
                Update(inner, changes);
            else
                target[name] = value?.DeepClone();
        }
    }

    private static void Delete(JsonObject config, string path)
    {
        var names = path.Split('.');
        JsonNode? parent = config;
        foreach (var name in names.AsSpan(..^1))
            parent = (parent as JsonObject)?[name];
        if (parent is not JsonObject map || !map.Remove(names[^1]))
            throw new ConfigurationException("$.finetune.delete_config", $"the checkpoint's config.json has no '{path}'");
    }
}
