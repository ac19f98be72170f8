namespace CrossFormer.Policies;

/// <summary>
/// Averages everything that was predicted for a control step, with weights exp(−w·i), i = 0 for the oldest prediction,
/// normalised to sum 1. Accumulates in float64. Wants a chunk at every step, and makes do without. Reference:
/// scripts/server.py, sample_actions; idea: Zhao et al., "Learning Fine-Grained Bimanual Manipulation with Low-Cost
/// Hardware" (ACT), section IV-C.
/// </summary>
public sealed class TemporalEnsembling : IExecutionStrategy
{
    private readonly List<(ActionChunk Chunk, int Next)> _chunks = []; // oldest first, none exhausted
    private readonly double _weight;
    private double[] _average = [];

    /// <summary>Averages with the given decay.</summary>
    /// <param name="weight">w: positive trusts old predictions more, negative new ones, 0 (the reference's default) all alike. Finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public TemporalEnsembling(double weight = 0)
    {
        if (!double.IsFinite(weight))
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "Expected a finite decay.");
        _weight = weight;
    }

    /// <inheritdoc/>
    public int StepsUntilChunk => 0;

    /// <inheritdoc/>
    public bool HasAction => _chunks.Count > 0;

    /// <summary>The last action in float64, before it was rounded to float32; what the reference's server sends. Empty before the first action.</summary>
    public ReadOnlySpan<double> LastAverage => _average;

    /// <inheritdoc/>
    public void Accept(ActionChunk chunk, int skip = 0)
    {
        ChunkChecks.Check(chunk, skip, _chunks.Count > 0 ? _chunks[0].Chunk.Dimension : null);
        _chunks.Add((chunk, skip));
    }

    /// <inheritdoc/>
    public float[] NextAction()
    {
        if (!HasAction)
            throw ChunkChecks.NothingLeft();
        // Relative to the largest weight, so that no decay overflows.
        var largest = _weight >= 0 ? 0 : _chunks.Count - 1;
        var weights = new double[_chunks.Count];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = Math.Exp(-_weight * (i - largest));
        var sum = weights.Sum();

        _average = new double[_chunks[0].Chunk.Dimension];
        for (var i = 0; i < weights.Length; i++)
        {
            var action = _chunks[i].Chunk[_chunks[i].Next];
            for (var d = 0; d < _average.Length; d++)
                _average[d] += weights[i] / sum * action[d];
            _chunks[i] = (_chunks[i].Chunk, _chunks[i].Next + 1);
        }

        _chunks.RemoveAll(c => c.Next == c.Chunk.Horizon);
        return Array.ConvertAll(_average, v => (float)v);
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _chunks.Clear();
        _average = [];
    }
}
