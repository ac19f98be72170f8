using System.IO.Enumeration;
using CrossFormer.Arrays;
using CrossFormer.Kernels;
using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Training.Optimizers;

/// <summary>
/// Adam with decoupled weight decay, as optax computes it: the first moment is stored in bfloat16 and used before it is rounded. A
/// parameter without gradient still moves, for its moments decay and weight decay acts: an absent robot's head is no exception.
/// Frozen parameters have no gradient and no state. If asked for, it keeps a running average of the parameters too, which predicts
/// better than the last step's while the learning rate is high.
/// </summary>
public sealed class AdamW : IDisposable
{
    private const string FirstPrefix = "first_moment/", SecondPrefix = "second_moment/", GradientPrefix = "gradient/", ValuePrefix = "value/", CountersName = "counters";
    private readonly AdamWConfiguration _configuration;
    private readonly List<Slot> _slots = [];
    private long _microSteps, _steps;
    private int _accumulated;

    /// <summary>Marks the trainable parameters, loading them where they are not yet.</summary>
    /// <param name="parameters">All parameters of the model.</param>
    /// <param name="configuration">Settings.</param>
    /// <param name="adapters">Parameters beside those, which are trained whatever is frozen; null: none.</param>
    public AdamW(ParameterSet parameters, AdamWConfiguration configuration, ParameterSet? adapters = null)
    {
        _configuration = configuration;
        foreach (var parameter in parameters.All)
        {
            var frozen = IsFrozen(parameter.Path, configuration.FrozenKeys);
            parameter.Value.requires_grad_(!frozen);
            if (!frozen)
                _slots.Add(new Slot(parameter));
        }

        foreach (var adapter in adapters?.All ?? [])
        {
            adapter.Value.requires_grad_(true);
            _slots.Add(new Slot(adapter));
        }
    }

    /// <summary>Optimizer steps so far; micro-steps that only accumulate do not count.</summary>
    public long Steps => _steps;

    /// <summary>Calls of <see cref="Step"/> so far.</summary>
    public long MicroSteps => _microSteps;

    /// <summary>Parameters that are trained.</summary>
    public IEnumerable<Parameter> Trainable => _slots.Select(s => s.Parameter);

    /// <summary>
    /// All that a resumed run needs to go on to the bit, by name: moments, gradients that wait for their micro-steps, counters; and the
    /// parameters' own values where an average is kept, for a checkpoint then holds the averages. The arrays read the live state, so
    /// write them before the next step.
    /// </summary>
    public IReadOnlyDictionary<string, StoredArray> State
    {
        get
        {
            var state = new Dictionary<string, StoredArray> { [CountersName] = new MemoryArray(NdArray.From<long>([_microSteps, _steps, _accumulated], 3)) };
            foreach (var slot in _slots)
            {
                foreach (var (prefix, tensor) in slot.Tensors())
                    state.Add(prefix + slot.Parameter.Path, Stored(tensor, slot.Parameter.Shape));
            }

            return state;
        }
    }

    /// <summary>
    /// Puts the running averages in the parameters' place until the result is disposed: for predicting and for saving, not for training.
    /// Does nothing when no average is kept, or before the first step.
    /// </summary>
    public IDisposable UseAverages() => new Exchanged([.. _slots.Where(s => s.HasAverage)]);

    /// <summary>Whether a path, its segments joined by '.', matches one of the patterns.</summary>
    public static bool IsFrozen(string path, IReadOnlyList<string> patterns)
    {
        var dotted = path.Replace('/', '.');
        return patterns.Any(p => FileSystemName.MatchesSimpleExpression(p, dotted, ignoreCase: false));
    }

    /// <summary>
    /// Takes over a state that <see cref="State"/> gave, of the same trainable parameters. Where an average is kept, the parameters
    /// hold it, as a checkpoint does, and get their own values back.
    /// </summary>
    /// <exception cref="ArgumentException">An array is missing, of another shape, or of a parameter that is not trained here; says which.</exception>
    public void Restore(IReadOnlyDictionary<string, StoredArray> state)
    {
        if (!state.TryGetValue(CountersName, out var stored) || stored.DType != DType.Int64 || stored.Shape is not [3])
            throw new ArgumentException($"Optimizer state: expected an array '{CountersName}' of 3 int64, got {(stored is null ? "none" : stored.ToString())}.", nameof(state));
        var trained = _slots.Select(s => s.Parameter.Path).ToHashSet();
        var foreign = state.Keys.FirstOrDefault(k => k != CountersName && !trained.Contains(k[(k.IndexOf('/') + 1)..]));
        if (foreign is not null)
            throw new ArgumentException($"Optimizer state: '{foreign}' belongs to no parameter that is trained here; were other parameters frozen when it was written?", nameof(state));
        var counters = stored.Read().AsSpan<long>();
        foreach (var slot in _slots)
            slot.Restore(state, started: counters[1] > 0, _configuration.AverageDecay is not null);
        (_microSteps, _steps, _accumulated) = (counters[0], counters[1], (int)counters[2]);
    }

    /// <summary>Throws away gradients that no step shall take.</summary>
    public void ForgetGradients()
    {
        foreach (var slot in _slots)
            slot.Parameter.Value.grad = null;
    }

    /// <summary>Takes the gradients that the backward pass left, and forgets them.</summary>
    public StepInfo Step()
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var gradients = _slots.Select(s => s.TakeGradient()).ToArray();
        var norm = Math.Sqrt(FusedAdamW.SumOfSquares([.. gradients.OfType<Tensor>()]));
        var scale = _configuration.ClipGradient is { } limit && norm >= limit ? (float)(limit / norm) : 1;
        var rate = _configuration.LearningRate.At(_microSteps++);
        if (_configuration.AccumulationSteps == 1)
        {
            var (parameters, updates) = Update(gradients, scale);
            return new StepInfo(norm, updates, parameters, rate);
        }

        var parameterNorm = Math.Sqrt(FusedAdamW.SumOfSquares([.. _slots.Select(s => s.Parameter.Value)]));
        for (var i = 0; i < gradients.Length; i++)
            _slots[i].Accumulate(gradients[i]?.mul_(Scalars.Of(scale)), _accumulated + 1);
        _accumulated = (_accumulated + 1) % _configuration.AccumulationSteps;
        if (_accumulated != 0)
            return new StepInfo(norm, 0, parameterNorm, rate);
        var (_, updateNorm) = Update([.. _slots.Select(s => s.Mean)], 1);
        foreach (var slot in _slots)
            slot.ForgetMean();
        return new StepInfo(norm, updateNorm, parameterNorm, rate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in _slots)
            slot.Dispose();
    }

    private (double ParameterNorm, double UpdateNorm) Update(Tensor?[] gradients, float scale)
    {
        var rate = _configuration.LearningRate.At(_steps++);
        var (beta1, beta2) = (_configuration.Beta1, _configuration.Beta2);
        var numbers = new AdamWNumbers(
            scale, Rounded(beta1), (float)(1 - beta1), (float)beta2, (float)(1 - beta2), BiasCorrection(beta1), BiasCorrection(beta2),
            (float)_configuration.Epsilon, (float)_configuration.WeightDecay, (float)rate, AverageGain());
        var (parameters, updates) = FusedAdamW.Apply([.. _slots.Select((s, i) => s.ToUpdate(gradients[i], _configuration.AverageDecay is not null))], numbers);
        return (Math.Sqrt(parameters), Math.Sqrt(updates));
    }

    // optax multiplies the stored moment by a beta that JAX takes into bfloat16 too: 0.9 becomes 0.8984, and so does the product.
    private static float Rounded(double beta)
    {
        using var scope = NewDisposeScope();
        return (float)Scalars.Number(tensor(beta).to(ScalarType.BFloat16));
    }

    // In float32, as JAX computes it: 1 − 0.999^n has few digits left there, and five digits of every update depend on them.
    private float BiasCorrection(double beta) => 1 - (float)Math.Pow((float)beta, _steps);

    // At first the average is over few steps, so that the initialisation does not stay in it for 1 / (1 − decay) of them.
    private float AverageGain() => _configuration.AverageDecay is { } decay ? (float)(1 - Math.Min(decay, (1.0 + _steps) / (10.0 + _steps))) : 0;

    private static ComputedArray Stored(Tensor tensor, long[] shape) => new(
        tensor.dtype == ScalarType.BFloat16 ? DType.BFloat16 : DType.Float32, [.. shape.Select(d => (int)d)],
        destination =>
        {
            using var scope = NewDisposeScope();
            tensor.detach().cpu().contiguous().bytes.CopyTo(destination);
        });

    /// <summary>A trainable parameter with its state.</summary>
    private sealed class Slot(Parameter parameter) : IDisposable
    {
        private readonly bool _decays = parameter.Path.Contains("kernel", StringComparison.Ordinal);
        private Tensor? _first, _second, _average;

        public Parameter Parameter => parameter;

        /// <summary>Running mean of the gradients since the last update, as optax.MultiSteps keeps it.</summary>
        public Tensor? Mean { get; private set; }

        public bool HasAverage => _average is not null;

        public void ExchangeAverage() => _average = parameter.Exchange(_average!);

        public IEnumerable<(string Prefix, Tensor Tensor)> Tensors()
        {
            if (_first is not null && _second is not null)
            {
                yield return (FirstPrefix, _first);
                yield return (SecondPrefix, _second);
            }

            if (HasAverage)
                yield return (ValuePrefix, parameter.Value);
            if (Mean is not null)
                yield return (GradientPrefix, Mean);
        }

        public Tensor? TakeGradient()
        {
            // Each read of grad is a new handle; taking it away from the parameter leaves it alive here.
            var gradient = parameter.Value.grad;
            parameter.Value.grad = null;
            return gradient?.contiguous();
        }

        public void Accumulate(Tensor? gradient, int count)
        {
            if (gradient is null && Mean is null)
                return;
            Mean ??= zeros_like(parameter.Value).DetachFromDisposeScope();
            Mean.mul_(Scalars.Of((count - 1.0) / count));
            if (gradient is not null)
                Mean.add_(gradient, Scalars.Of(1.0 / count));
        }

        public AdamWTensors ToUpdate(Tensor? gradient, bool average)
        {
            var value = parameter.Value;
            _first ??= zeros(value.shape, ScalarType.BFloat16, value.device).DetachFromDisposeScope();
            _second ??= zeros(value.shape, ScalarType.Float32, value.device).DetachFromDisposeScope();
            if (average)
                _average ??= value.detach().clone().DetachFromDisposeScope();
            return new AdamWTensors(value, gradient, _first, _second, _decays, _average);
        }

        public void Restore(IReadOnlyDictionary<string, StoredArray> state, bool started, bool averages)
        {
            var (first, second, mean) = (Read(state, FirstPrefix, ScalarType.BFloat16), Read(state, SecondPrefix, ScalarType.Float32), Read(state, GradientPrefix, ScalarType.Float32));
            using var value = Read(state, ValuePrefix, ScalarType.Float32);
            if (started && (first is null || second is null))
                throw new ArgumentException($"Optimizer state: moments of {parameter.Path} are missing.", nameof(state));
            if ((started && averages) != value is not null)
                throw new ArgumentException($"Optimizer state: expected {(started && averages ? "the value" : "no value")} of {parameter.Path} beside its average.", nameof(state));
            Dispose();
            (_first, _second, Mean) = (first, second, mean);
            if (value is null)
                return;
            using var none = no_grad();
            _average = parameter.Value.detach().clone().DetachFromDisposeScope();
            parameter.Value.copy_(value);
        }

        public void ForgetMean()
        {
            Mean?.Dispose();
            Mean = null;
        }

        public void Dispose()
        {
            ForgetMean();
            _first?.Dispose();
            _second?.Dispose();
            _average?.Dispose();
        }

        private Tensor? Read(IReadOnlyDictionary<string, StoredArray> state, string prefix, ScalarType type)
        {
            if (!state.TryGetValue(prefix + parameter.Path, out var stored))
                return null;
            var wanted = type == ScalarType.BFloat16 ? DType.BFloat16 : DType.Float32;
            if (stored.DType != wanted || !stored.Shape.Select(d => (long)d).SequenceEqual(parameter.Shape))
                throw new ArgumentException($"Optimizer state {prefix}{parameter.Path}: expected {wanted}[{string.Join(',', parameter.Shape)}], got {stored}.");
            var value = empty(parameter.Shape, type);
            stored.ReadInto(value.bytes);
            var moved = value.to(parameter.Value.device);
            if (!ReferenceEquals(moved, value))
                value.Dispose();
            return moved.DetachFromDisposeScope();
        }
    }

    /// <summary>Parameters that hold their averages for a while.</summary>
    private sealed class Exchanged : IDisposable
    {
        private readonly Slot[] _slots;
        private bool _isOver;

        public Exchanged(Slot[] slots)
        {
            _slots = slots;
            foreach (var slot in slots)
                slot.ExchangeAverage();
        }

        public void Dispose()
        {
            if (_isOver)
                return;
            _isOver = true;
            foreach (var slot in _slots)
                slot.ExchangeAverage();
        }
    }
}
