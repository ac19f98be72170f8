using CrossFormer.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Training.Steps;

/// <summary>
/// What a sample's activations take until the backward pass, estimated from the model's shapes alone, so that a run decides alike
/// wherever it goes on.
/// </summary>
/// <param name="module">The model.</param>
/// <param name="precision">Of matrix products and of the encoders' activations.</param>
/// <param name="recompute">Whether activations are computed again in the backward pass.</param>
internal sealed class ActivationMemory(CrossFormerModule module, ScalarType precision, bool recompute)
{
    // Gradients on their way, the kernels' buffers, what the allocator cannot reuse.
    private const double Margin = 1.15;

    /// <summary>Bytes of one sample.</summary>
    /// <param name="streams">Observation groups that it has.</param>
    /// <param name="heads">Heads whose loss it enters.</param>
    /// <param name="window">Its timesteps.</param>
    public long OfSample(IReadOnlyCollection<string> streams, IReadOnlyCollection<string> heads, long window)
    {
        var transformer = module.Transformer;
        var present = transformer.ObservationTokenizers.Where(s => streams.Contains(s.Name)).ToArray();
        var readouts = heads.Select(h => module.Heads[h].Configuration.ReadoutKey).ToHashSet();
        var task = transformer.TaskTokenizers.Sum(t => t.Tokenizer.Tokens);
        long perStep = present.Sum(s => s.Tokenizer.Tokens) + transformer.Readouts.Where(r => readouts.Contains($"readout_{r.Key}")).Sum(r => r.Value.Shape[2])
            + (module.Configuration.RepeatTaskTokens ? task : 0);
        var encoders = present.Select(s => s.Tokenizer).OfType<ImageTokenizer>().Select(t => t.Encoder.Kept).ToArray();
        var frames = recompute ? encoders.Sum(k => k.Inputs) + encoders.Select(k => k.Widest).DefaultIfEmpty().Max() : encoders.Sum(k => k.All);
        return (long)(Margin * (window * frames * precision.ElementSize() + OfTokens(task + window * perStep) * sizeof(float)));
    }

    // The transformer's residual sums, norms and what attention and MLP keep: the widths of their layers, and masks where dropout acts.
    private long OfTokens(long tokens)
    {
        var (configuration, embedding) = (module.Configuration.Transformer, (long)module.Configuration.EmbeddingSize);
        var block = tokens * (12 * embedding + 3L * configuration.MlpWidth);
        // Attention with dropout keeps its weights; without, they never exist as a whole.
        if (configuration.AttentionDropoutRate > 0)
            block += 3L * configuration.Heads * tokens * tokens;
        var blocks = recompute ? configuration.Layers * tokens * embedding + block : configuration.Layers * block;
        return blocks + 2 * tokens * tokens + 4 * tokens * embedding;
    }
}
