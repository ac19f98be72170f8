using CrossFormer.Configuration;
using CrossFormer.Data.Mixtures;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Optimizers;
using CrossFormer.Training.Steps;
using static TorchSharp.torch;

namespace CrossFormer.Training.Runs;

/// <summary>
/// How a run stays within <c>memory_limit_gib</c>: what is always there is subtracted, and the rest is for activations: first fewer
/// samples are computed at once, which costs little, and when not even one fits, activations are recomputed. An estimate
/// from shapes alone: a run that goes on decides as it began.
/// </summary>
/// <param name="Recompute">Whether activations are computed again in the backward pass.</param>
/// <param name="ActivationBytes">What activations may take; null: no limit.</param>
internal sealed record MemoryPlan(bool Recompute, long? ActivationBytes)
{
    private const double Gibi = 1L << 30;

    // The program, libtorch and its buffers.
    private const long ProgramBytes = 512L << 20;

    /// <summary>Decides.</summary>
    /// <param name="configuration">The run.</param>
    /// <param name="module">Its model, with adapters.</param>
    /// <param name="sources">Its datasets: which cameras their samples have.</param>
    /// <param name="frozen">Patterns of what is not trained.</param>
    /// <param name="precision">Of the encoders' activations.</param>
    /// <exception cref="ConfigurationException">The limit is too low.</exception>
    public static MemoryPlan Create(TrainingConfiguration configuration, CrossFormerModule module, TrainingSources sources, IReadOnlyList<string> frozen, ScalarType precision)
    {
        if (configuration.MemoryLimitGib is not { } limit)
            return new MemoryPlan(configuration.Recompute ?? false, null);
        var left = (long)(limit * Gibi) - Always(configuration, module, frozen);
        var (kept, recomputed) = (Largest(recompute: false), Largest(recompute: true));
        if (left < (configuration.Recompute == false ? kept : recomputed))
        {
            var least = (double)(limit * Gibi) - left + (configuration.Recompute == false ? kept : recomputed);
            throw new ConfigurationException("$.memory_limit_gib", $"too little: this run takes about {least / Gibi:f1} GiB with one sample at a time{(configuration.Recompute == false ? " (less with \"recompute\": true)" : "")}; data.shuffle_memory_mib is {configuration.Data.ShuffleMemoryMib} of it");
        }

        return new MemoryPlan(configuration.Recompute ?? left < kept, left);

        long Largest(bool recompute)
        {
            var memory = new ActivationMemory(module, precision, recompute);
            return sources.All.Max(s => memory.OfSample(Streams(configuration, module, s), Heads(configuration, sources, s), configuration.Data.WindowSize));
        }
    }

    // Parameters, gradients, the optimizer's state, a checkpoint that is written meanwhile, episodes that are shuffled, in training and in validation, batches.
    private static long Always(TrainingConfiguration configuration, CrossFormerModule module, IReadOnlyList<string> frozen)
    {
        var trained = module.Parameters.All.Where(p => !AdamW.IsFrozen(p.Path, frozen)).Sum(p => p.Count) + module.Adapters.ElementCount;
        var state = 6 + (configuration.Optimizer.EmaDecay is null ? 0 : sizeof(float));
        var accumulated = configuration.Optimizer.GradAccumulationSteps > 1 ? sizeof(float) : 0;
        var parameters = module.Parameters.ElementCount + module.Adapters.ElementCount;
        var checkpoint = (sizeof(float) * parameters) + (state * trained);
        // A batch ahead, one in work, and its tensors.
        var images = configuration.Data.Images.Values.Sum(i => 3L * i.Size[0] * i.Size[1]) * (configuration.Data.WindowSize + 1) * configuration.BatchSize;
        return ProgramBytes + TrainingSources.ValidationBytes + ((long)configuration.Data.ShuffleMemoryMib << 20) + (4 * images) + (sizeof(float) * parameters) + ((sizeof(float) + state + accumulated) * trained) + checkpoint;
    }

    private static string[] Streams(TrainingConfiguration configuration, CrossFormerModule module, WeightedSource source) =>
        [.. module.Transformer.ObservationTokenizers.Where(s => s.Tokenizer.ObservationKeys.Any(k => IsThere(configuration, source, k))).Select(s => s.Name)];

    private static bool IsThere(TrainingConfiguration configuration, WeightedSource source, string key) =>
        key.StartsWith("image_", StringComparison.Ordinal) ? source.Source.ImageKeys.GetValueOrDefault(key["image_".Length..]) is not null
        : !configuration.MaskAbsentProprioception || !key.StartsWith("proprio_", StringComparison.Ordinal) || source.Source.ProprioKeys.GetValueOrDefault(key["proprio_".Length..]) is not null;

    private static string[] Heads(TrainingConfiguration configuration, TrainingSources sources, WeightedSource source) =>
        configuration.Finetune?.Head is { } head ? [head] : [.. sources.Heads.Where(h => h.Value.Contains(source.Source.Name)).Select(h => h.Key)];
}
