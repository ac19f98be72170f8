using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.Mixtures;

/// <summary>
/// The order of a loader's samples. Shuffled, each sample's dataset is drawn for itself in proportion to the weights, so the
/// expected proportions are exactly these; ordered, one dataset follows the other. Serves one thread.
/// </summary>
internal sealed class MixtureSampler
{
    private readonly FrameStream[] _streams;
    private readonly double[]? _cumulative;
    private readonly RandomStream _random;
    private readonly LoaderState _start;
    private long _samples;
    private int _current;

    /// <summary>Puts streams together.</summary>
    /// <param name="streams">One a dataset.</param>
    /// <param name="weights">Their parts, adding up to 1; null: in order.</param>
    /// <param name="random">Draws the datasets.</param>
    /// <param name="state">Where to go on; its streams are those given.</param>
    public MixtureSampler(FrameStream[] streams, double[]? weights, RandomStream random, LoaderState state)
    {
        (_streams, _random, _start, _samples) = (streams, random, state, state.Samples);
        if (weights is null)
            return;
        _cumulative = new double[weights.Length];
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
            _cumulative[i] = sum += weights[i];
    }

    /// <summary>Where the mixture stands.</summary>
    public LoaderState State => _start with { Samples = _samples, Streams = _streams.ToDictionary(s => s.Name, s => s.Position) };

    /// <summary>The next samples; fewer, or none, at the end of an ordered pass.</summary>
    /// <inheritdoc cref="FrameStream.TryNext" path="/exception"/>
    public List<(int Dataset, Frame Frame)> Next(int count, CancellationToken cancellation)
    {
        var frames = new List<(int, Frame)>(count);
        while (frames.Count < count && TryNext(out var dataset, out var frame, cancellation))
            frames.Add((dataset, frame));
        return frames;
    }

    private bool TryNext(out int dataset, out Frame frame, CancellationToken cancellation)
    {
        if (_cumulative is not null)
        {
            dataset = Draw();
            _samples++;
            return _streams[dataset].TryNext(out frame, cancellation);
        }

        for (; _current < _streams.Length; _current++)
        {
            if (_streams[_current].TryNext(out frame, cancellation))
            {
                (dataset, _samples) = (_current, _samples + 1);
                return true;
            }
        }

        (dataset, frame) = (0, default);
        return false;
    }

    private int Draw()
    {
        var u = _random.Fork((ulong)_samples).NextDouble() * _cumulative![^1];
        var found = Array.BinarySearch(_cumulative, u);
        // A dataset has the numbers from its predecessor's sum, included, to its own. Rounding must not lead behind the last.
        return Math.Min(found >= 0 ? found + 1 : ~found, _cumulative.Length - 1);
    }
}
