using CrossFormer.Training.Losses;
using CrossFormer.Training.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Training.Steps;

/// <summary>
/// One step of training: forward, backward, AdamW (reference: train.py and finetune.py, train_step). A micro-step when gradients
/// are accumulated.
/// </summary>
public sealed class TrainingStep : IDisposable
{
    private readonly CrossFormerModule _module;
    private readonly TrainingStepOptions _options;

    /// <summary>Prepares a model to be trained.</summary>
    /// <param name="module">The model; its parameters are changed in place and stay the caller's.</param>
    /// <param name="optimizer">Settings of the optimizer.</param>
    /// <param name="options">What is minimised, and how it is computed.</param>
    /// <exception cref="ArgumentException">The options name a head that the model does not have.</exception>
    public TrainingStep(CrossFormerModule module, AdamWConfiguration optimizer, TrainingStepOptions? options = null)
    {
        (_module, _options) = (module, options ?? new());
        if (_options.Head is { } head && !module.Heads.ContainsKey(head))
            throw new ArgumentException($"The model has no head '{head}'; it has {string.Join(", ", module.Heads.Keys)}.", nameof(options));
        Optimizer = new AdamW(module.Parameters, optimizer);
    }

    /// <summary>The optimizer, with the state to save and to resume from.</summary>
    public AdamW Optimizer { get; }

    /// <summary>Runs one step on a batch.</summary>
    /// <param name="batch">On the model's device; the tensors stay the caller's.</param>
    /// <returns>Loss and metrics before the update, and what the optimizer did.</returns>
    public TrainingStepResult Run(TrainingBatch batch)
    {
        using var scope = NewDisposeScope();
        var (total, heads) = Loss(batch, train: true);
        total.backward();
        return new TrainingStepResult(Read(total, heads, batch), Optimizer.Step());
    }

    /// <summary>Loss and metrics of a batch without dropout, gradients or update.</summary>
    public LossReport Evaluate(TrainingBatch batch)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var (total, heads) = Loss(batch, train: false);
        return Read(total, heads, batch);
    }

    /// <inheritdoc/>
    public void Dispose() => Optimizer.Dispose();

    private (Tensor Total, IReadOnlyDictionary<string, Heads.HeadLoss> Heads) Loss(TrainingBatch batch, bool train)
    {
        if (_options.Head is not { } name)
            return PretrainingLoss.Compute(_module, batch, train);
        var outputs = _module.Transformer.Forward(batch.Observations, batch.Tasks, readouts: null, train);
        var loss = _module.Heads[name].Loss(outputs, batch.Actions, batch.Observations.TimestepMask, batch.ActionMask, headMask_B: null, train);
        return (loss.Loss, new Dictionary<string, Heads.HeadLoss> { [name] = loss });
    }

    private LossReport Read(Tensor total, IReadOnlyDictionary<string, Heads.HeadLoss> heads, TrainingBatch batch) => new(total.ToDouble(), heads.ToDictionary(
        h => h.Key,
        h => new HeadReport(
            h.Value.Loss.ToDouble(), h.Value.Mse.ToDouble(), h.Value.SignError.ToDouble(),
            _options.Head is null ? batch.HeadMasks[h.Key].to(ScalarType.Float32).mean().ToDouble() : 1)));
}
