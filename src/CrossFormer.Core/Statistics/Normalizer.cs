namespace CrossFormer.Statistics;

/// <summary>
/// Robot units to model units and back, for one feature. Float32 arithmetic in the reference's order of operations.
/// Forward, as the training data is made (reference: data/utils/data_utils.py, normalize_action_and_proprio):
/// <c>(x − mean) / (std + 1e-8)</c>, or <c>clip(2 (x − p01) / (p99 − p01 + 1e-8) − 1, −1, 1)</c>. Inverse, as actions
/// are read out (model/crossformer_model.py, sample_actions), without the epsilon: <c>x · std + mean</c>, or
/// <c>(x + 1) (p99 − p01) / 2 + p01</c>. Where the statistics' mask is false, x passes through, unclipped.
/// </summary>
/// <remarks>Immutable, allocates nothing per call, safe to share between threads. Source and destination may be the same memory.</remarks>
public sealed class Normalizer
{
    private const double Epsilon = 1e-8;

    private readonly Normalization _kind;
    private readonly int _rows;
    private readonly bool[] _mask;
    private readonly float[] _offset = []; // mean or p01
    private readonly float[] _forwardScale = []; // std + ε or p99 − p01 + ε
    private readonly float[] _inverseScale = []; // std or p99 − p01

    /// <summary>Prepares the constants.</summary>
    /// <param name="kind">How the feature is normalised.</param>
    /// <param name="statistics">The feature's statistics over the dataset.</param>
    /// <exception cref="ArgumentException">Bounds are asked for and the statistics have no p01 and p99.</exception>
    public Normalizer(Normalization kind, FeatureStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        (_kind, _rows, Dimension) = (kind, statistics.Rows, statistics.Dimension);
        _mask = statistics.Mask ?? [.. Enumerable.Repeat(true, Dimension)];
        if (kind == Normalization.None)
            return;
        var (low, scale) = kind switch
        {
            Normalization.Normal => (statistics.Mean, statistics.Std),
            Normalization.Bounds when statistics is { P01: { } p01, P99: { } p99 } => (p01, [.. p99.Zip(p01, (high, l) => high - l)]),
            Normalization.Bounds => throw new ArgumentException("Normalization by bounds needs p01 and p99, which these statistics lack.", nameof(statistics)),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Expected none, normal or bounds."),
        };
        _offset = [.. low.Select(v => (float)v)];
        // The reference adds the epsilon in float64 (numpy), before TensorFlow rounds; without it, JAX rounds first and subtracts then.
        _forwardScale = [.. scale.Select(v => (float)(v + Epsilon))];
        _inverseScale = kind == Normalization.Normal
            ? [.. scale.Select(v => (float)v)]
            : [.. statistics.P99!.Zip(statistics.P01!, (high, l) => (float)high - (float)l)];
    }

    /// <summary>Values in a vector.</summary>
    public int Dimension { get; }

    /// <summary>Vectors that may be passed at once: unlimited, unless the statistics distinguish the steps of a chunk.</summary>
    public int MaxRows => _rows == 1 ? int.MaxValue : _rows;

    /// <summary>Robot units to model units.</summary>
    /// <param name="robot">float32 [n, <see cref="Dimension"/>]; row i takes the statistics of step i if they distinguish steps.</param>
    /// <param name="model">As many values.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public void Forward(ReadOnlySpan<float> robot, Span<float> model)
    {
        var n = CheckRows(robot.Length, Dimension, model.Length);
        for (var row = 0; row < n; row++)
        {
            var constants = _rows == 1 ? 0 : row * Dimension;
            for (var d = 0; d < Dimension; d++)
            {
                var i = row * Dimension + d;
                var x = robot[i];
                model[i] =
                    _kind == Normalization.None || !_mask[d] ? x :
                    _kind == Normalization.Normal ? (x - _offset[constants + d]) / _forwardScale[constants + d] :
                    Math.Clamp(2 * (x - _offset[constants + d]) / _forwardScale[constants + d] - 1, -1, 1);
            }
        }
    }

    /// <summary>Model units to robot units.</summary>
    /// <param name="model">float32 [n, <see cref="Dimension"/>]; row i takes the statistics of step i if they distinguish steps.</param>
    /// <param name="robot">As many values.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public void Inverse(ReadOnlySpan<float> model, Span<float> robot) => Inverse(model, Dimension, robot);

    /// <summary>Model units to robot units, cutting each vector to <see cref="Dimension"/>: a head may predict more dimensions than the robot has.</summary>
    /// <param name="model">float32 [n, <paramref name="modelDimension"/>].</param>
    /// <param name="modelDimension">At least <see cref="Dimension"/>.</param>
    /// <param name="robot">float32 [n, <see cref="Dimension"/>].</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or the model has fewer dimensions.</exception>
    public void Inverse(ReadOnlySpan<float> model, int modelDimension, Span<float> robot)
    {
        if (modelDimension < Dimension)
            throw new ArgumentException($"Expected at least {Dimension} dimensions from the model, as the statistics have, got {modelDimension}.", nameof(modelDimension));
        var n = CheckRows(model.Length, modelDimension, robot.Length);
        for (var row = 0; row < n; row++)
        {
            var constants = _rows == 1 ? 0 : row * Dimension;
            for (var d = 0; d < Dimension; d++)
            {
                var x = model[row * modelDimension + d];
                robot[row * Dimension + d] =
                    _kind == Normalization.None || !_mask[d] ? x :
                    _kind == Normalization.Normal ? x * _inverseScale[constants + d] + _offset[constants + d] :
                    (x + 1) * _inverseScale[constants + d] / 2 + _offset[constants + d];
            }
        }
    }

    private int CheckRows(int sourceLength, int sourceDimension, int destinationLength)
    {
        var n = sourceLength / sourceDimension;
        if (n * sourceDimension != sourceLength || n * Dimension != destinationLength)
            throw new ArgumentException($"Expected [n,{sourceDimension}] to [n,{Dimension}], got {sourceLength} and {destinationLength} values.");
        if (n > MaxRows)
            throw new ArgumentException($"These statistics distinguish the steps of a chunk and have {_rows}; got {n}.");
        return n;
    }
}
