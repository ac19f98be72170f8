using System.Diagnostics;
using CrossFormer.Encoders;
using CrossFormer.Layers;
using CrossFormer.Policies;
using CrossFormer.Tokenizers;
using CrossFormer.Training.Losses;
using CrossFormer.Training.Optimizers;
using static TorchSharp.torch;

namespace CrossFormer.Training.Steps;

/// <summary>
/// One step of training: forward, backward, AdamW (reference: train.py and finetune.py, train_step). A micro-step when gradients
/// are accumulated. Samples are grouped by what they contain, and nothing else is computed; losses and gradients are those of the
/// whole padded batch.
/// </summary>
public sealed class TrainingStep : IDisposable
{
    private readonly CrossFormerModule _module;
    private const string ReadoutPrefix = "readout_";
    private readonly TrainingStepOptions _options;
    private readonly Computation _computation;
    private readonly ActivationMemory _memory;

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
        _computation = new Computation
        {
            Precision = Precisions.Choose(_options.Precision, module.Parameters.Device.type, out _).ToScalarType(),
            SkipMaskedFrames = true,
            MaskAbsentProprioception = _options.MaskAbsentProprioception,
            Recompute = _options.Recompute,
        };
        _memory = new ActivationMemory(module, _computation.Precision, _options.Recompute);
        Optimizer = new AdamW(module.Parameters, optimizer, module.Adapters);
    }

    /// <summary>Encodes images in an encoder's place: for tests that look into it.</summary>
    internal Func<IImageEncoder, Tensor, Tensor?, Tensor> Encode { init => _computation = _computation with { Encode = value }; }

    /// <summary>The optimizer, with the state to save and to resume from.</summary>
    public AdamW Optimizer { get; }

    /// <summary>Runs one step on a batch.</summary>
    /// <param name="batch">On the model's device; the tensors stay the caller's.</param>
    /// <returns>Loss and metrics before the update, and what the optimizer did.</returns>
    public TrainingStepResult Run(TrainingBatch batch) => new(Losses(batch, train: true), Optimizer.Step());

    /// <summary>Runs one step as <see cref="Run"/> does, then its image encoders alone, and says what each took.</summary>
    public StepTimes Measure(TrainingBatch batch)
    {
        var start = Stopwatch.GetTimestamp();
        Losses(batch, train: true);
        var gradients = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Optimizer.Step();
        var step = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        start = Stopwatch.GetTimestamp();
        foreach (var group in Groups(batch))
        {
            using var scope = NewDisposeScope();
            var part = group.Select(batch);
            foreach (var stream in _module.Transformer.ObservationTokenizers.Where(s => s.Tokenizer is ImageTokenizer && group.Streams.Contains(s.Name)))
                stream.Tokenizer.Tokenize(part.Observations, part.Tasks, _computation)!.Tokens.sum().backward();
        }

        var encoder = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Optimizer.ForgetGradients();
        return new StepTimes(step, encoder, step - gradients);
    }

    /// <summary>Loss and metrics of a batch without dropout, gradients or update.</summary>
    public LossReport Evaluate(TrainingBatch batch)
    {
        using var none = no_grad();
        return Losses(batch, train: false);
    }

    /// <inheritdoc/>
    public void Dispose() => Optimizer.Dispose();

    /// <summary>Loss and metrics; in training the gradients too, group by group, so that only one group's activations are in memory.</summary>
    private LossReport Losses(TrainingBatch batch, bool train)
    {
        using var scope = NewDisposeScope();
        var computation = _computation with { Train = train };
        var tallies = _module.Heads.Where(h => _options.Head is null ? batch.HeadMasks.ContainsKey(h.Key) : h.Key == _options.Head).ToDictionary(h => h.Key, h => new HeadTally(h.Value, batch, HeadMask(batch, h.Key), _options.Head is not null));
        foreach (var group in Groups(batch))
        {
            using var groupScope = NewDisposeScope();
            var part = group.Select(batch);
            var readouts = group.Heads.Select(h => _module.Heads[h].Configuration.ReadoutKey).Where(k => k.StartsWith(ReadoutPrefix, StringComparison.Ordinal)).Select(k => k[ReadoutPrefix.Length..]).ToArray();
            var outputs = _module.Transformer.Compute(part.Observations, part.Tasks, readouts, group.Streams.Count == 0 ? null : group.Streams, computation);
            var total = group.Heads.Select(h => tallies[h].Add(outputs, part, HeadMask(part, h), computation)).Aggregate((a, b) => a + b);
            // Of what these samples pass through, everything may be frozen.
            if (train && total.requires_grad)
                total.backward();
        }

        return new LossReport(tallies.Values.Sum(t => t.Weighted), tallies.ToDictionary(t => t.Key, t => t.Value.Report));
    }

    /// <summary>The parts of a batch that are computed one after the other.</summary>
    internal IReadOnlyList<SampleGroup> Groups(TrainingBatch batch)
    {
        var window = batch.Observations.TimestepMask.shape[1];
        return SampleGroup.Split(_module, batch, _options.Head, Largest, _computation);

        int Largest(IReadOnlyList<string> streams, IReadOnlyList<string> heads)
        {
            var fits = _options.ActivationBytes is { } bytes ? (int)Math.Clamp(bytes / _memory.OfSample(streams, heads, window), 1, int.MaxValue) : int.MaxValue;
            return Math.Min(fits, _options.LargestGroup ?? int.MaxValue);
        }
    }

    private Tensor? HeadMask(TrainingBatch batch, string head) => _options.Head is null ? batch.HeadMasks[head] : null;
}
