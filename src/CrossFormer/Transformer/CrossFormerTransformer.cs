// B batch · T window step · N tokens in group · E embedding
using CrossFormer.Configuration;
using CrossFormer.Layers;
using CrossFormer.Parameters;
using CrossFormer.Tokenizers;
using CrossFormer.Tokens;
using static TorchSharp.torch;

namespace CrossFormer.Transformer;

/// <summary>
/// The trunk: tokenizes task and observations, adds readout tokens, and runs the block transformer over
/// [task | step 0: observations, readouts | step 1: …] (reference: crossformer_module.py, CrossFormerTransformer).
/// Observations attend to the task and to observations up to their step; a readout reads both and its own group, and nothing
/// reads a readout. So readouts are independent, and any subset of them gives the same values.
/// </summary>
public sealed class CrossFormerTransformer
{
    private static readonly AttentionRules TaskRules = new(("task_*", AttentionRule.Causal));
    private static readonly AttentionRules ObservationRules = new(("task_*", AttentionRule.Causal), ("obs_*", AttentionRule.Causal));

    internal CrossFormerTransformer(ParameterScope scope, ModelConfiguration configuration, InputShapes shapes)
    {
        Configuration = configuration;
        var embedding = configuration.EmbeddingSize;
        TaskTokenizers = Build(scope, "task", configuration.TaskTokenizers, shapes, n => [1, n, embedding]);
        ObservationTokenizers = Build(scope, "obs", configuration.ObservationTokenizers, shapes, n => [1, configuration.MaxHorizon, n, embedding]);
        Readouts = [.. configuration.Readouts.Select(r => KeyValuePair.Create(
            r.Key, scope.Declare($"readout_{r.Key}_pos_embedding", Initializers.Normal(0.02), 1, configuration.MaxHorizon, r.Value, embedding)))];
        Blocks = new BlockTransformer(scope.Child("BlockTransformer_0"), embedding, configuration.Transformer);
    }

    internal ModelConfiguration Configuration { get; }

    internal IReadOnlyList<TokenStream> TaskTokenizers { get; }

    internal IReadOnlyList<TokenStream> ObservationTokenizers { get; }

    /// <summary>Position embeddings [1, horizon, N, E] of each readout.</summary>
    internal IReadOnlyList<KeyValuePair<string, Parameter>> Readouts { get; }

    internal BlockTransformer Blocks { get; }

    /// <summary>Runs the trunk.</summary>
    /// <param name="observations">Window of observations; keys that no tokenizer reads are ignored.</param>
    /// <param name="tasks">What to do.</param>
    /// <param name="readouts">Readouts to compute, by name; null: all.</param>
    /// <param name="train">Whether dropout acts.</param>
    /// <returns>By group name (<c>task_*</c>, <c>obs_*</c>, <c>readout_*</c>): tokens [B, N, E] or [B, T, N, E] with masks; and under
    /// <c>task</c> and <c>obs</c> all of those joined.</returns>
    /// <exception cref="ArgumentException">The window is longer than the model's horizon, a readout is unknown, or nothing is observed.</exception>
    public IReadOnlyDictionary<string, TokenGroup> Forward(Observations observations, Tasks tasks, IReadOnlyCollection<string>? readouts = null, bool train = false) =>
        Compute(observations, tasks, readouts, streams: null, new Computation { Train = train });

    /// <summary>The same for some of the observation groups: those of <paramref name="streams"/>, all when null.</summary>
    internal IReadOnlyDictionary<string, TokenGroup> Compute(
        Observations observations, Tasks tasks, IReadOnlyCollection<string>? readouts, IReadOnlyCollection<string>? streams, Computation computation)
    {
        using var scope = NewDisposeScope();
        var (prefix, timesteps) = Assemble(observations, tasks, readouts, streams, computation);
        var (prefixOut, timestepsOut) = Blocks.Forward(prefix, timesteps, computation);
        var outputs = new Dictionary<string, TokenGroup>();
        foreach (var group in prefixOut)
            outputs.Add(group.Name, Keep(new TokenGroup(group.Tokens, group.Mask)));
        foreach (var group in timestepsOut)
            outputs.Add(group.Name, Keep(new TokenGroup(group.Tokens, group.Mask)));
        if (prefixOut.Count > 0)
            outputs.Add("task", Keep(TokenGroup.Concatenate([.. prefixOut.Select(g => outputs[g.Name])])));
        outputs.Add("obs", Keep(TokenGroup.Concatenate([.. timestepsOut.Where(g => g.Name.StartsWith("obs_", StringComparison.Ordinal)).Select(g => outputs[g.Name])])));
        return outputs;

        static TokenGroup Keep(TokenGroup group) => new(group.Tokens.MoveToOuterDisposeScope(), group.Mask.MoveToOuterDisposeScope());
    }

    /// <summary>Who attends to whom for these inputs: print it to see the sequence.</summary>
    public AttentionMask ExplainAttention(Observations observations, Tasks tasks, IReadOnlyCollection<string>? readouts = null)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var (prefix, timesteps) = Assemble(observations, tasks, readouts, streams: null, Computation.Plain);
        return BlockTransformer.Mask(prefix, timesteps);
    }

    private (List<PrefixGroup> Prefix, List<TimestepGroup> Timesteps) Assemble(
        Observations observations, Tasks tasks, IReadOnlyCollection<string>? readouts, IReadOnlyCollection<string>? streams, Computation computation)
    {
        var (batch, window) = CheckWindow(observations);
        foreach (var name in readouts ?? [])
        {
            if (!Readouts.Any(r => r.Key == name))
                throw new ArgumentException($"The model has no readout '{name}'; it has {string.Join(", ", Readouts.Select(r => r.Key))}.", nameof(readouts));
        }

        var prefix = new List<PrefixGroup>();
        foreach (var stream in TaskTokenizers)
        {
            if (stream.Tokenizer.Tokenize(observations, tasks, computation) is { } group)
                prefix.Add(new PrefixGroup(stream.Name, stream.Projection.Forward(group.Tokens, computation).to(ScalarType.Float32), stream.Positions.Value, group.Mask, TaskRules));
        }

        var timesteps = new List<TimestepGroup>();
        foreach (var stream in ObservationTokenizers)
        {
            if (streams is not null && !streams.Contains(stream.Name) || stream.Tokenizer.Tokenize(observations, tasks, computation) is not { } group)
                continue;
            var mask_BTN = observations.TimestepMask.unsqueeze(-1).logical_and(group.Mask);
            timesteps.Add(new TimestepGroup(
                stream.Name, stream.Projection.Forward(group.Tokens, computation).to(ScalarType.Float32), stream.Positions.Value.narrow(1, 0, window), mask_BTN, ObservationRules));
        }

        if (timesteps.Count == 0)
        {
            throw new ArgumentException(
                $"No tokenizer of this model reads any of the observations {string.Join(", ", observations.Values.Keys)}; it reads {string.Join(", ", ObservationTokenizers.SelectMany(t => t.Tokenizer.ObservationKeys))}.", nameof(observations));
        }

        if (Configuration.RepeatTaskTokens)
        {
            foreach (var task in prefix)
            {
                timesteps.Add(new TimestepGroup(
                    $"obs_{task.Name}", task.Tokens.unsqueeze(1).expand(-1, window, -1, -1), task.PositionEncoding.unsqueeze(1),
                    task.Mask.unsqueeze(1).expand(-1, window, -1), ObservationRules));
            }
        }

        foreach (var (name, positions) in Readouts)
        {
            if (readouts is not null && !readouts.Contains(name))
                continue;
            // Readouts have no input but their position.
            var shape = new long[] { batch, window, positions.Shape[2], positions.Shape[3] };
            var rules = new AttentionRules(("task_*", AttentionRule.Causal), ("obs_*", AttentionRule.Causal), ($"readout_{name}", AttentionRule.Causal));
            timesteps.Add(new TimestepGroup(
                $"readout_{name}", zeros(shape, ScalarType.Float32, observations.TimestepMask.device), positions.Value.narrow(1, 0, window),
                ones(shape[..3], ScalarType.Bool, observations.TimestepMask.device), rules));
        }

        return (prefix, timesteps);
    }

    private (long Batch, long Window) CheckWindow(Observations observations)
    {
        if (observations.TimestepMask.shape is not [var batch, var window])
            throw new ArgumentException($"Timestep mask: expected [batch, window], got [{string.Join(',', observations.TimestepMask.shape)}].", nameof(observations));
        if (window > Configuration.MaxHorizon)
            throw new ArgumentException($"The model's longest window is {Configuration.MaxHorizon}, got {window}.", nameof(observations));
        foreach (var (key, value) in observations.Values)
        {
            if (value.dim() < 2 || value.shape[0] != batch || value.shape[1] != window)
                throw new ArgumentException($"Observation {key}: expected [{batch}, {window}, …] as the timestep mask says, got [{string.Join(',', value.shape)}].", nameof(observations));
        }

        return (batch, window);
    }

    private static List<TokenStream> Build(
        ParameterScope scope, string kind, IReadOnlyList<KeyValuePair<string, TokenizerConfiguration>> configurations, InputShapes shapes, Func<int, long[]> positions)
    {
        var streams = new List<TokenStream>();
        foreach (var (name, configuration) in configurations)
        {
            var owner = kind == "obs" ? "observation_tokenizers" : "task_tokenizers";
            if (configuration.Build(scope.Child($"{owner}_{name}"), shapes) is not { } tokenizer)
                continue;
            var embedding = positions(tokenizer.Tokens);
            streams.Add(new TokenStream(
                $"{kind}_{name}", tokenizer,
                new Dense(scope.Child($"{kind}_{name}_projection"), tokenizer.Features, embedding[^1]),
                scope.Declare($"{kind}_{name}_pos_embedding", Initializers.Normal(0.02), embedding)));
        }

        return streams;
    }
}
