namespace CrossFormer.Data.Surveys;

/// <summary>
/// Collects a <see cref="ValueDistribution"/> value by value in constant memory. The bins are many and narrow; when a value
/// falls outside them, neighbours are merged until the range, which doubles each time, reaches it.
/// </summary>
internal sealed class RunningDistribution
{
    private const int Bars = 32;
    private const int Bins = 4096;
    private const int Waiting = 1024;

    private readonly List<double> _waiting = new(Waiting);
    private long[]? _bins;
    private double _low, _width;
    private long _count, _nonFinite;
    private double _min = double.PositiveInfinity, _max = double.NegativeInfinity, _mean, _squares;

    public void Add(double value)
    {
        if (!(Math.Abs(value) <= float.MaxValue))
        {
            _nonFinite++;
            return;
        }

        _count++;
        (_min, _max) = (Math.Min(_min, value), Math.Max(_max, value));
        // Welford's recurrence: a mean far from zero costs no digits of the deviation.
        var difference = value - _mean;
        _mean += difference / _count;
        _squares += difference * (value - _mean);
        if (_bins is not null)
        {
            Place(value);
            return;
        }

        // The first values tell the range to begin with.
        _waiting.Add(value);
        if (_waiting.Count == Waiting)
            OpenBins();
    }

    public ValueDistribution Summarize()
    {
        if (_count == 0)
            return new ValueDistribution(0, _nonFinite, double.NaN, double.NaN, double.NaN, double.NaN, new long[Bars]);
        if (_bins is null)
            OpenBins();
        var bars = new long[Bars];
        var scale = _max > _min ? Bars / (_max - _min) : 0;
        for (var i = 0; i < Bins; i++)
        {
            var middle = _low + (i + 0.5) * _width;
            bars[Math.Clamp((int)((middle - _min) * scale), 0, Bars - 1)] += _bins![i];
        }

        return new ValueDistribution(_count, _nonFinite, _min, _max, _mean, Math.Sqrt(_squares / _count), bars);
    }

    private void OpenBins()
    {
        _bins = new long[Bins];
        _low = _min;
        // A little wider than the values, for the largest belongs to the last bin; a constant has a width too.
        _width = Math.Max((_max - _min) / Bins * (1 + 1e-9), Math.Max(Math.Abs(_min), Math.Abs(_max)) * 1e-12 + 1e-30);
        foreach (var value in _waiting)
            Place(value);
        _waiting.Clear();
    }

    private void Place(double value)
    {
        while (value >= _low + Bins * _width)
        {
            for (var i = 0; i < Bins / 2; i++)
                _bins![i] = _bins[2 * i] + _bins[2 * i + 1];
            Array.Clear(_bins!, Bins / 2, Bins / 2);
            _width *= 2;
        }

        while (value < _low)
        {
            for (var i = Bins - 1; i >= Bins / 2; i--)
                _bins![i] = _bins[2 * i - Bins] + _bins[2 * i - Bins + 1];
            Array.Clear(_bins!, 0, Bins / 2);
            _low -= Bins * _width;
            _width *= 2;
        }

        _bins![Math.Clamp((int)((value - _low) / _width), 0, Bins - 1)]++;
    }
}
