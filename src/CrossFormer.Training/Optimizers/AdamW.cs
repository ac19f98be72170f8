using System.IO.Enumeration;
using CrossFormer.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Training.Optimizers;

/// <summary>
/// Adam with decoupled weight decay, as optax computes it: the first moment is stored in bfloat16 and used before it is rounded. A parameter without gradient still moves, for its moments decay and weight decay acts: an absent robot's head is no
/// exception. Frozen parameters have no gradient and no state.
/// </summary>
public sealed class AdamW : IDisposable
{
    private readonly AdamWConfiguration _configuration;
    private readonly List<Slot> _slots = [];
    private long _microSteps, _steps;
    private int _accumulated;

    /// <summary>Marks the trainable parameters, loading them where they are not yet.</summary>
    /// <param name="parameters">All parameters of the model.</param>
    /// <param name="configuration">Settings.</param>
    public AdamW(ParameterSet parameters, AdamWConfiguration configuration)
    {
        _configuration = configuration;
        foreach (var parameter in parameters.All)
        {
            var frozen = IsFrozen(parameter.Path, configuration.FrozenKeys);
            parameter.Value.requires_grad_(!frozen);
            if (!frozen)
                _slots.Add(new Slot(parameter));
        }
    }

    /// <summary>Optimizer steps so far; micro-steps that only accumulate do not count.</summary>
    public long Steps => _steps;

    /// <summary>Parameters that are trained.</summary>
    public IEnumerable<Parameter> Trainable => _slots.Select(s => s.Parameter);

    /// <summary>Whether a path, its segments joined by '.', matches one of the patterns.</summary>
    public static bool IsFrozen(string path, IReadOnlyList<string> patterns)
    {
        var dotted = path.Replace('/', '.');
        return patterns.Any(p => FileSystemName.MatchesSimpleExpression(p, dotted, ignoreCase: false));
    }

    /// <summary>Takes the gradients that the backward pass left, and forgets them.</summary>
    public StepInfo Step()
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var gradients = _slots.Select(s => s.TakeGradient()).ToArray();
        var norm = GlobalNorm(gradients);
        var parameterNorm = GlobalNorm([.. _slots.Select(s => s.Parameter.Value)]);
        var rate = _configuration.LearningRate.At(_microSteps++);
        if (_configuration.ClipGradient is { } limit && norm >= limit)
        {
            foreach (var gradient in gradients)
                gradient?.mul_(limit / norm);
        }

        var updates = Accumulate(gradients) ? Update() : 0;
        return new StepInfo(norm, updates, parameterNorm, rate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in _slots)
            slot.Dispose();
    }

    // A running mean, as optax.MultiSteps keeps it.
    private bool Accumulate(Tensor?[] gradients)
    {
        for (var i = 0; i < gradients.Length; i++)
        {
            var slot = _slots[i];
            if (_accumulated == 0)
                slot.Gradient = gradients[i]?.DetachFromDisposeScope();
            else if (gradients[i] is not null || slot.Gradient is not null)
                slot.Mean(gradients[i], _accumulated + 1);
        }

        _accumulated = (_accumulated + 1) % _configuration.AccumulationSteps;
        return _accumulated == 0;
    }

    private double Update()
    {
        var rate = _configuration.LearningRate.At(_steps++);
        var (beta1, beta2) = (_configuration.Beta1, _configuration.Beta2);
        var (correction1, correction2) = (BiasCorrection(beta1), BiasCorrection(beta2));
        var squares = 0.0;
        foreach (var slot in _slots)
        {
            using var scope = NewDisposeScope();
            var value = slot.Parameter.Value;
            slot.First ??= zeros(value.shape, ScalarType.BFloat16, value.device).DetachFromDisposeScope();
            slot.Second ??= zeros(value.shape, ScalarType.Float32, value.device).DetachFromDisposeScope();
            // optax multiplies the stored moment by a beta that JAX takes into bfloat16 too: 0.9 becomes 0.8984, and so does the product.
            var first = slot.First.mul(Rounded(beta1)).to(ScalarType.Float32);
            slot.Second.mul_(beta2);
            if (slot.Gradient is { } gradient)
            {
                first.add_(gradient, 1 - beta1);
                slot.Second.addcmul_(gradient, gradient, 1 - beta2);
            }

            slot.First.copy_(first);
            var update = first.div_(correction1).div_(slot.Second.div(correction2).sqrt_().add_(_configuration.Epsilon));
            if (slot.Decays)
                update.add_(value, _configuration.WeightDecay);
            update.mul_(-rate);
            squares += update.square().sum(ScalarType.Float64).ToDouble();
            value.add_(update);
            slot.ForgetGradient();
        }

        return Math.Sqrt(squares);
    }

    private static double Rounded(double beta) => tensor(beta).to(ScalarType.BFloat16).to(ScalarType.Float64).ToDouble();

    // In float32, as JAX computes it: 1 − 0.999^n has few digits left there, and five digits of every update depend on them.
    private float BiasCorrection(double beta) => 1 - (float)Math.Pow((float)beta, _steps);

    private static double GlobalNorm(IReadOnlyList<Tensor?> tensors) =>
        Math.Sqrt(tensors.Sum(t => t is null ? 0 : t.square().sum(ScalarType.Float64).ToDouble()));

    /// <summary>A trainable parameter with its state.</summary>
    private sealed class Slot(Parameter parameter) : IDisposable
    {
        public Parameter Parameter => parameter;

        public bool Decays { get; } = parameter.Path.Contains("kernel", StringComparison.Ordinal);

        public Tensor? Gradient { get; set; }

        public Tensor? First { get; set; }

        public Tensor? Second { get; set; }

        public Tensor? TakeGradient()
        {
            // Each read of grad is a new handle.
            var gradient = parameter.Value.grad?.clone();
            parameter.Value.grad = null;
            return gradient;
        }

        public void Mean(Tensor? gradient, int count)
        {
            Gradient ??= zeros_like(parameter.Value).DetachFromDisposeScope();
            Gradient.mul_((count - 1.0) / count);
            if (gradient is not null)
                Gradient.add_(gradient, 1.0 / count);
        }

        public void ForgetGradient()
        {
            Gradient?.Dispose();
            Gradient = null;
        }

        public void Dispose()
        {
            ForgetGradient();
            First?.Dispose();
            Second?.Dispose();
        }
    }
}
