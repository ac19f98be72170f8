namespace CrossFormer.Data.Mixtures;

/// <summary>
/// The frames of one dataset, shuffled: episodes enter in the order of <see cref="EpisodeOrder"/>, and each frame leaves after a
/// delay of its own, uniform between nothing and a number of bytes of episodes that entered after its own. So a frame's
/// neighbours come from all episodes of that many bytes alike, exactly these are in memory, and where the stream stands is
/// five numbers: to go on, the episodes of the last delay are read again and their draws repeated. Serves one thread; the
/// reading ahead happens elsewhere.
/// </summary>
/// <remarks>
/// A stream begins as it goes on: the first delay's episodes enter, and what of them would have left meanwhile is passed over.
/// Otherwise the first batches would consist of the first few episodes.
/// </remarks>
internal sealed class FrameStream
{
    private readonly VisitReader _reader;
    private readonly EpisodeOrder _order;
    private readonly long _delay;
    private readonly int _readAhead;
    private readonly WorkerPool<FrameStage> _workers;

    private readonly PriorityQueue<Entered, (long Due, long Visit, int Frame)> _waiting = new();
    private readonly Queue<Entered> _entered = [];
    private readonly Queue<Task<Visit>> _ahead = [];
    private long _clock, _nextVisit, _emptyVisits;
    private (long Due, long Visit, int Frame) _last;
    private bool _ended, _filled;

    /// <summary>Prepares a stream.</summary>
    /// <param name="reader">Reads episodes.</param>
    /// <param name="order">Says which.</param>
    /// <param name="delay">The longest delay in bytes; 0 leaves the frames in order.</param>
    /// <param name="readAhead">Episodes that are read before they are needed, at least 1.</param>
    /// <param name="workers">Read them.</param>
    /// <param name="position">Where to go on; null: at the beginning.</param>
    public FrameStream(VisitReader reader, EpisodeOrder order, long delay, int readAhead, WorkerPool<FrameStage> workers, StreamPosition? position)
    {
        (_reader, _order, _delay, _readAhead, _workers) = (reader, order, delay, readAhead, workers);
        position ??= new StreamPosition(0, 0, delay, -1, -1);
        (_nextVisit, _clock, _last) = (position.Visit, position.Clock, (position.Due, position.LastVisit, position.LastFrame));
    }

    /// <summary>The dataset's name.</summary>
    public string Name => _reader.Name;

    /// <summary>Where the stream stands.</summary>
    public StreamPosition Position
    {
        get
        {
            while (_entered.TryPeek(out var first) && first.Left == 0)
                _entered.Dequeue();
            var (visit, clock) = _entered.TryPeek(out var oldest) ? (oldest.Number, oldest.Clock) : (_nextVisit - _ahead.Count, _clock);
            return new StreamPosition(visit, clock, _last.Due, _last.Visit, _last.Frame);
        }
    }

    /// <summary>The next frame, waiting for its episode if need be.</summary>
    /// <returns>False at the end of an ordered pass.</returns>
    /// <exception cref="DataLoadException">An episode cannot be read.</exception>
    /// <exception cref="InvalidOperationException">A whole epoch had no frame.</exception>
    public bool TryNext(out Frame frame, CancellationToken cancellation)
    {
        // The next episode's frames are due after it has entered, so what is due before can leave.
        while (!_waiting.TryPeek(out _, out var first) || first.Due > _clock)
        {
            if (Enter(cancellation))
                continue;
            if (_waiting.Count > 0)
                break;
            frame = default;
            return false;
        }

        _filled = true;
        _waiting.TryDequeue(out var entered, out _last);
        frame = entered!.Take(_last.Frame);
        return true;
    }

    // Lets the next episode in; false when there is none.
    private bool Enter(CancellationToken cancellation)
    {
        // Before the first frame can leave there is nothing else to do for the workers.
        while (!_ended && _ahead.Count < (_filled ? _readAhead : Math.Max(_readAhead, 2 * _workers.Count)))
            ReadAhead();
        if (!_ahead.TryDequeue(out var reading))
            return false;
        var visit = reading.WaitAsync(cancellation).GetAwaiter().GetResult();
        var number = _nextVisit - _ahead.Count - 1;
        var entered = new Entered(number, _clock, visit);
        var delays = visit.Delays;
        for (var i = 0; i < visit.Steps.Length; i++)
        {
            var due = (_clock + (long)(delays.Fork((ulong)visit.Steps[i]).NextDouble() * _delay), number, i);
            if (due.CompareTo(_last) <= 0)
                continue;
            entered.Left++;
            _waiting.Enqueue(entered, due);
        }

        _entered.Enqueue(entered);
        _clock += visit.Bytes;
        _emptyVisits = visit.Steps.Length > 0 ? 0 : _emptyVisits + 1;
        return _emptyVisits <= _order.VisitsPerEpoch ? true
            : throw new InvalidOperationException($"{Name}: none of its {_reader.Files.Count} episodes is used: each is rejected by a filter, or empty.");
    }

    private void ReadAhead()
    {
        if (_order.At(_nextVisit) is not { } part)
        {
            _ended = true;
            return;
        }

        _nextVisit++;
        var done = new TaskCompletionSource<Visit>();
        _ahead.Enqueue(done.Task);
        _workers.Post(
            _ =>
            {
                try
                {
                    done.SetResult(_reader.Read(part));
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            },
            urgent: true);
    }

    private sealed class Entered(long number, long clock, Visit visit)
    {
        private Visit? _visit = visit;

        public long Number { get; } = number;

        public long Clock { get; } = clock;

        /// <summary>Frames that have not left yet.</summary>
        public int Left { get; set; }

        public Frame Take(int frame)
        {
            var taken = new Frame(_visit!, _visit!.Steps[frame]);
            // Its memory is free as soon as its last frame is decoded.
            if (--Left == 0)
                _visit = null;
            return taken;
        }
    }
}
