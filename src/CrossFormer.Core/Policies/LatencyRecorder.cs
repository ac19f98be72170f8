namespace CrossFormer.Policies;

/// <summary>The last 1024 durations of something. Not safe for concurrent use.</summary>
internal sealed class LatencyRecorder
{
    private readonly TimeSpan[] _ring = new TimeSpan[1024];
    private long _count;

    public void Add(TimeSpan latency) => _ring[_count++ % _ring.Length] = latency;

    /// <summary>The longest of the last few; zero before the first.</summary>
    public TimeSpan RecentMax(int samples)
    {
        var max = TimeSpan.Zero;
        for (var i = Math.Max(0, _count - samples); i < _count; i++)
            max = _ring[i % _ring.Length] > max ? _ring[i % _ring.Length] : max;
        return max;
    }

    public LatencySummary Summarize()
    {
        if (_count == 0)
            return default;
        var sorted = _ring[..(int)Math.Min(_count, _ring.Length)];
        Array.Sort(sorted);
        return new LatencySummary(
            _count, TimeSpan.FromTicks((long)sorted.Average(s => (double)s.Ticks)), Rank(0.50), Rank(0.95), Rank(0.99), sorted[^1]);

        TimeSpan Rank(double p) => sorted[Math.Max(0, (int)Math.Ceiling(p * sorted.Length) - 1)];
    }
}
