using System.Diagnostics;

namespace CrossFormer.Data.Mixtures;

/// <summary>Adds up what <see cref="LoaderTimes"/> tells. Thread-safe.</summary>
internal sealed class StageClock
{
    private long _reading, _decoding, _resizing, _augmenting, _copying;

    public LoaderTimes Times => new(Span(ref _reading), Span(ref _decoding), Span(ref _resizing), Span(ref _augmenting), Span(ref _copying));

    public void AddReading(long since) => Interlocked.Add(ref _reading, Stopwatch.GetTimestamp() - since);

    /// <summary>Adds a piece of work; what of it was not spent on images is copying.</summary>
    public void AddFrames(long since, long decoding, long resizing, long augmenting)
    {
        Interlocked.Add(ref _decoding, decoding);
        Interlocked.Add(ref _resizing, resizing);
        Interlocked.Add(ref _augmenting, augmenting);
        Interlocked.Add(ref _copying, Stopwatch.GetTimestamp() - since - decoding - resizing - augmenting);
    }

    private static TimeSpan Span(ref long ticks) => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref ticks));
}
