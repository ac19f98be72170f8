using CrossFormer.Policies;

namespace CrossFormer.Simulation.Episodes;

/// <summary>How much plans change from chunk to chunk; see <see cref="EpisodeResult.ChunkJump"/>.</summary>
internal sealed class ChunkJump(EmbodimentProfile profile)
{
    private readonly double[] _ranges = [.. profile.Actions.Select(a => a is { Minimum: { } low, Maximum: { } high } && high > low ? high - low : 1.0)];
    private ActionChunk? _last;
    private double _sum;
    private int _count;

    /// <summary>Mean over the chunks so far; NaN when none overlapped the one before.</summary>
    public double Mean => _count == 0 ? double.NaN : _sum / _count;

    /// <summary>After each control step.</summary>
    /// <param name="chunk">The chunk that took effect last.</param>
    public void Add(ActionChunk? chunk)
    {
        if (chunk is null || ReferenceEquals(chunk, _last))
            return;
        if (_last?.StepAt(chunk.ObservedAt) is { } step && step >= 0 && step < _last.Horizon)
        {
            double squares = 0;
            for (var d = 0; d < _ranges.Length; d++)
                squares += Math.Pow((chunk[0][d] - _last[step][d]) / _ranges[d], 2);
            (_sum, _count) = (_sum + Math.Sqrt(squares / _ranges.Length), _count + 1);
        }

        _last = chunk;
    }
}
