using CrossFormer.Configuration;
using CrossFormer.Heads;
using CrossFormer.Kernels;
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
        (Parameters, Adapters) = (new ParameterSet(seed, device), new ParameterSet(seed, device));
        Nnpack.Disable();
        Transformer = new CrossFormerTransformer(Parameters.Root.Child("crossformer_transformer"), configuration, shapes);
        Heads = configuration.Heads.ToDictionary(h => h.Key, h => new ActionHead(Parameters.Root.Child($"heads_{h.Key}"), h.Value, configuration.EmbeddingSize));
    }

    /// <summary>What it is made of.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>Its inputs.</summary>
    public InputShapes Shapes { get; }

    /// <summary>All parameters by Flax path.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>What is trained in place of adapted kernels, <c>KERNEL/down</c> and <c>KERNEL/up</c>; empty unless <see cref="Adapt"/> was called. A saved kernel includes its adapter.</summary>
    internal ParameterSet Adapters { get; }

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

    /// <summary>Gives kernels of every transformer block an adapter that changes nothing yet.</summary>
    /// <param name="kernels">Which.</param>
    /// <param name="rank">Of the change; at most as many as a kernel has inputs and outputs.</param>
    /// <param name="scale">Factor on the change.</param>
    /// <returns>The adapted kernels.</returns>
    internal IReadOnlyList<Parameter> Adapt(IReadOnlyCollection<BlockKernel> kernels, int rank, double scale)
    {
        var adapted = Transformer.Blocks.Encoder.Blocks.SelectMany(b => kernels.Distinct().SelectMany(b.Kernels)).ToArray();
        foreach (var (kernel, inputs) in adapted)
        {
            var outputs = kernel.Count / inputs;
            if (rank > Math.Min(inputs, outputs))
                throw new ArgumentException($"{kernel.Path} has {inputs} inputs and {outputs} outputs: expected a rank of at most {Math.Min(inputs, outputs)}, got {rank}.", nameof(rank));
            var place = Adapters.Root.Child(kernel.Path);
            kernel.Adapter = new LowRankAdapter(
                place.Declare("down", Initializers.LecunNormal, inputs, rank), place.Declare("up", Initializers.Zeros, rank, outputs), scale);
        }

        return [.. adapted.Select(a => a.Kernel)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Parameters.Dispose();
        Adapters.Dispose();
    }
}
