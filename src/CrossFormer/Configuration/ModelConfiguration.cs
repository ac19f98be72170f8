using System.Text.Json.Nodes;
using CrossFormer.Heads;
using CrossFormer.Tokenizers;
using CrossFormer.Transformer;

namespace CrossFormer.Configuration;

/// <summary>
/// What a model is made of: the <c>model</c> part of the reference's <c>config.json</c> (reference: crossformer_module.py,
/// CrossFormerModule.create). The order of tokenizers and readouts is the order of their tokens in the sequence.
/// </summary>
public sealed record ModelConfiguration
{
    /// <summary>Tokenizers of observations, by name.</summary>
    public required IReadOnlyList<KeyValuePair<string, TokenizerConfiguration>> ObservationTokenizers { get; init; }

    /// <summary>Tokenizers of the task, by name; the published model has none (its task reaches the encoders as goal image and FiLM vector).</summary>
    public IReadOnlyList<KeyValuePair<string, TokenizerConfiguration>> TaskTokenizers { get; init; } = [];

    /// <summary>Action heads, by name.</summary>
    public required IReadOnlyList<KeyValuePair<string, ActionHeadConfiguration>> Heads { get; init; }

    /// <summary>Readout tokens of each timestep, by readout name.</summary>
    public required IReadOnlyList<KeyValuePair<string, int>> Readouts { get; init; }

    /// <summary>Size of every token's embedding.</summary>
    public required int EmbeddingSize { get; init; }

    /// <summary>Longest window that the model has position embeddings for.</summary>
    public required int MaxHorizon { get; init; }

    /// <summary>Whether task tokens come again at every timestep.</summary>
    public bool RepeatTaskTokens { get; init; }

    /// <summary>Shape of the transformer.</summary>
    public required TransformerConfiguration Transformer { get; init; }

    /// <summary>Reads the <c>model</c> object of a <c>config.json</c>.</summary>
    /// <exception cref="ConfigurationException">A field is missing, unknown or wrong; with its JSON path.</exception>
    public static ModelConfiguration Read(JsonNode? model, string path = "$.model")
    {
        var reader = new SpecReader(model, path);
        var transformer = reader.Object("transformer_kwargs");
        var configuration = new ModelConfiguration
        {
            ObservationTokenizers = Modules<TokenizerConfiguration>(reader, "observation_tokenizers"),
            TaskTokenizers = Modules<TokenizerConfiguration>(reader, "task_tokenizers"),
            Heads = Modules<ActionHeadConfiguration>(reader, "heads"),
            Readouts = [.. ReadReadouts(reader)],
            EmbeddingSize = reader.Integer("token_embedding_size", min: 1),
            MaxHorizon = reader.Integer("max_horizon", min: 1),
            RepeatTaskTokens = reader.Flag("repeat_task_tokens", false),
            Transformer = TransformerConfiguration.Read(transformer),
        };
        transformer.Finish();
        reader.Finish();
        return configuration;
    }

    /// <summary>The <c>model</c> object that the reference builds the same model from.</summary>
    public JsonObject ToJson() => new()
    {
        ["observation_tokenizers"] = Specs(ObservationTokenizers, t => t.ToSpec()),
        ["task_tokenizers"] = Specs(TaskTokenizers, t => t.ToSpec()),
        ["heads"] = Specs(Heads, h => h.ToSpec()),
        ["readouts"] = new JsonObject(Readouts.Select(r => KeyValuePair.Create<string, JsonNode?>(r.Key, r.Value))),
        ["token_embedding_size"] = EmbeddingSize,
        ["max_horizon"] = MaxHorizon,
        ["repeat_task_tokens"] = RepeatTaskTokens,
        ["transformer_kwargs"] = Transformer.ToJson(),
    };

    private static List<KeyValuePair<string, T>> Modules<T>(SpecReader reader, string field) where T : class =>
        [.. reader.Members(field).Select(m => KeyValuePair.Create(m.Name, ModuleTable.Read<T>(m.Node, m.Path)))];

    private static IEnumerable<KeyValuePair<string, int>> ReadReadouts(SpecReader reader)
    {
        var readouts = reader.Object("readouts");
        foreach (var (name, _, _) in reader.Members("readouts"))
            yield return KeyValuePair.Create(name, readouts.Integer(name, min: 1));
    }

    private static JsonObject Specs<T>(IEnumerable<KeyValuePair<string, T>> modules, Func<T, ModuleSpec> spec) =>
        new(modules.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Key, spec(m.Value).ToJson())));
}
