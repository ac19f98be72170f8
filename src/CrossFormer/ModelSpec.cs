using System.Text;
using CrossFormer.Arrays;

namespace CrossFormer;

/// <summary>What a model expects and predicts: the reference's <c>get_pretty_spec</c>, with every head and every input.</summary>
/// <param name="Parameters">Number of parameters.</param>
/// <param name="WindowSize">Longest history that it was trained with.</param>
/// <param name="MaxHorizon">Longest history that it has position embeddings for.</param>
/// <param name="Heads">Action heads by name.</param>
/// <param name="Observations">Inputs by key; null dimensions (batch, window) are free.</param>
/// <param name="Tasks">Task inputs by key; the null dimension (batch) is free.</param>
/// <param name="Tokenizers">Observation and task tokenizers in the sequence's order.</param>
/// <param name="Datasets">Datasets whose statistics the checkpoint carries.</param>
public sealed record ModelSpec(
    long Parameters,
    int WindowSize,
    int MaxHorizon,
    IReadOnlyDictionary<string, HeadSpec> Heads,
    IReadOnlyDictionary<string, InputSpec> Observations,
    IReadOnlyDictionary<string, InputSpec> Tasks,
    IReadOnlyList<TokenizerSpec> Tokenizers,
    IReadOnlyList<string> Datasets)
{
    /// <summary>The spec as a page of text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append($"{Parameters:N0} parameters; history of up to {WindowSize} steps (position embeddings for {MaxHorizon}).\n");
        Section("Observations (any subset)", Observations.Select(o => (o.Key, o.Value.ToString())));
        Section("Tasks", Tasks.Select(t => (t.Key, t.Value.ToString())));
        Section("Tokenizers", Tokenizers.Select(t => (t.Name, t.ToString())));
        Section("Heads", Heads.Select(h => (h.Key, $"{h.Value.ActionHorizon} {(h.Value.ActionHorizon == 1 ? "step" : "steps")} of {h.Value.ActionDim} dimensions, reads {h.Value.ReadoutKey}, {h.Value.Loss} loss")));
        if (Datasets.Count > 0)
            text.Append($"Statistics of {Datasets.Count} datasets: {string.Join(", ", Datasets)}\n");
        return text.ToString();

        void Section(string title, IEnumerable<(string Name, string Value)> rows)
        {
            var list = rows.ToList();
            if (list.Count == 0)
                return;
            text.Append(title).Append('\n');
            var width = list.Max(r => r.Name.Length);
            foreach (var (name, value) in list)
                text.Append("  ").Append(name.PadRight(width)).Append("  ").Append(value).Append('\n');
        }
    }
}

/// <summary>An action head's chunk.</summary>
/// <param name="ActionHorizon">Actions in a chunk.</param>
/// <param name="ActionDim">Numbers in an action.</param>
/// <param name="ReadoutKey">Token group that it reads.</param>
/// <param name="Loss">What it was trained with: L1 or MSE.</param>
public sealed record HeadSpec(int ActionHorizon, int ActionDim, string ReadoutKey, string Loss);

/// <summary>An input's type and shape.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions; null where free.</param>
public sealed record InputSpec(DType Type, int?[] Shape)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Type.NumpyName()}[{string.Join(", ", Shape.Select((d, i) => d?.ToString() ?? (i == 0 ? "batch" : "window")))}]";
}

/// <summary>A tokenizer and its inputs.</summary>
/// <param name="Name">Name in the configuration.</param>
/// <param name="Kind">Class in the reference.</param>
/// <param name="Tokens">Tokens that it makes (of each step); null when the example batch lacks its inputs: it has no parameters then.</param>
/// <param name="Inputs">Keys that it reads.</param>
public sealed record TokenizerSpec(string Name, string Kind, int? Tokens, IReadOnlyList<string> Inputs)
{
    /// <inheritdoc/>
    public override string ToString() => Tokens is null
        ? $"{Kind}: not in this checkpoint (its inputs were not in the example batch)"
        : $"{Kind}: {Tokens} tokens of {string.Join(" + ", Inputs)}";
}
