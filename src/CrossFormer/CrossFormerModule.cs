using CrossFormer.Configuration;
using CrossFormer.Heads;
using CrossFormer.Parameters;
using CrossFormer.Tokenizers;
using CrossFormer.Tokens;
using CrossFormer.Transformer;
using static TorchSharp.torch;

namespace CrossFormer;

/// <summary>The trunk and its action heads, with all parameters in one place (reference: crossformer_module.py, CrossFormerModule).</summary>
public sealed class CrossFormerModule : IDisposable
{
    /// <summary>Describes a model; no parameter is allocated until it is read.</summary>
    /// <param name="configuration">What it is made of.</param>
    /// <param name="shapes">Its inputs: a tokenizer without inputs has no parameters.</param>
    /// <param name="seed">Seed of the initialisers.</param>
    /// <param name="device">Where it lives; the CPU when null.</param>
    public CrossFormerModule(ModelConfiguration configuration, InputShapes shapes, ulong seed = 0, Device? device = null)
    {
        (Configuration, Shapes) = (configuration, shapes);
        Parameters = new ParameterSet(seed, device);
        Transformer = new CrossFormerTransformer(Parameters.Root.Child("crossformer_transformer"), configuration, shapes);
        Heads = configuration.Heads.ToDictionary(h => h.Key, h => new ActionHead(Parameters.Root.Child($"heads_{h.Key}"), h.Value, configuration.EmbeddingSize));
    }

    /// <summary>What it is made of.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>Its inputs.</summary>
    public InputShapes Shapes { get; }

    /// <summary>All parameters by Flax path.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>The trunk.</summary>
    public CrossFormerTransformer Transformer { get; }

    /// <summary>The action heads by name.</summary>
    public IReadOnlyDictionary<string, ActionHead> Heads { get; }

    /// <summary>Runs the trunk and every head.</summary>
    /// <returns>The trunk's token groups, and by head name float32 [B, T, C, A] in normalised units.</returns>
    public (IReadOnlyDictionary<string, TokenGroup> Outputs, IReadOnlyDictionary<string, Tensor> Actions) Forward(Observations observations, Tasks tasks, bool train = false)
    {
        var outputs = Transformer.Forward(observations, tasks, readouts: null, train);
        return (outputs, Heads.ToDictionary(h => h.Key, h => h.Value.Forward(outputs, train)));
    }

    /// <inheritdoc/>
    public void Dispose() => Parameters.Dispose();
}
