using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>Notes every pause of the garbage collector, from the runtime's own events.</summary>
internal sealed class GcPauses : EventListener
{
    private const int GcKeyword = 1, SuspendBegin = 9, RestartEnd = 3;

    private readonly ConcurrentQueue<double> _pauses = [];
    private long _suspended;

    /// <summary>Milliseconds of each pause since this was asked last.</summary>
    public double[] Take()
    {
        var taken = new List<double>();
        while (_pauses.TryDequeue(out var pause))
            taken.Add(pause);
        return [.. taken];
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
            EnableEvents(eventSource, EventLevel.Informational, (EventKeywords)GcKeyword);
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        // Events come late, but carry their own times.
        if (eventData.EventId == SuspendBegin)
            _suspended = eventData.TimeStamp.Ticks;
        else if (eventData.EventId == RestartEnd && _suspended > 0)
            _pauses.Enqueue(TimeSpan.FromTicks(eventData.TimeStamp.Ticks - Interlocked.Exchange(ref _suspended, 0)).TotalMilliseconds);
    }
}
