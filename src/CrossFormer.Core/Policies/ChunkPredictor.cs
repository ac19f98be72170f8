namespace CrossFormer.Policies;

/// <summary>
/// Lets a policy predict on a thread of its own, one chunk at a time, and measures how long that takes. Not safe for
/// concurrent calls: the runner guards it.
/// </summary>
internal sealed class ChunkPredictor(IPolicy policy, Func<TimeSpan> now)
{
    private const int LatencySamples = 8; // predictions whose longest decides how early the next one begins

    private readonly PredictionWorker _worker = new($"policy {policy.Profile.Name}");
    private readonly LatencyRecorder _latency = new();
    private readonly List<Observation> _history = []; // one per control step since the last prediction began, at most a window
    private Observation? _sampled; // the newest that went into _history
    private Task<(ActionChunk Chunk, TimeSpan At)>? _prediction;
    private TimeSpan _began;
    private bool _discard;

    /// <summary>The prediction under way or finished and not yet taken; null when there is none.</summary>
    public Task? Prediction => _prediction;

    /// <summary>Completes when the policy is idle for good, after <see cref="Close"/>.</summary>
    public Task Idle => _worker.Finished;

    public LatencySummary Latency => _latency.Summarize();

    public TimeSpan RecentLatency => _latency.RecentMax(LatencySamples);

    public Task<bool> Reset(PolicyTask task) => _worker.Run(() =>
    {
        policy.Reset(task);
        return true;
    });

    /// <summary>Adds a control step's frame to what the policy sees next; the same frame twice counts once.</summary>
    public void Sample(Observation observation)
    {
        if (observation == _sampled)
            return;
        if (_history.Count == policy.Profile.Window)
            _history.RemoveAt(0);
        _history.Add(observation);
        _sampled = observation;
    }

    /// <summary>Begins a prediction from the newest frame, unless one is under way or there is no new frame.</summary>
    public void Begin(TimeSpan time)
    {
        if (_prediction is not null || _history.Count == 0)
            return;
        var frames = _history.ToArray();
        _history.Clear();
        (_began, _discard) = (time, false);
        _prediction = _worker.Run(() =>
        {
            foreach (var earlier in frames.AsSpan(0, frames.Length - 1))
                policy.Observe(earlier);
            return (policy.Predict(frames[^1]), now());
        });
    }

    /// <summary>How long the prediction under way has taken so far; zero when there is none.</summary>
    public TimeSpan Busy(TimeSpan time) => _prediction is { IsCompleted: false } ? time - _began : TimeSpan.Zero;

    /// <summary>Takes a finished prediction.</summary>
    /// <param name="chunk">What the policy gave.</param>
    /// <param name="discarded">Whether <see cref="Discard"/> was called since it began.</param>
    /// <param name="fault">What the policy threw instead.</param>
    /// <returns>False when none has finished.</returns>
    public bool TryTake(out ActionChunk? chunk, out bool discarded, out Exception? fault)
    {
        (chunk, discarded, fault) = (null, _discard, null);
        if (_prediction is not { IsCompleted: true } prediction)
            return false;
        _prediction = null;
        if (prediction.IsFaulted)
        {
            fault = prediction.Exception.InnerException;
            return true;
        }

        (chunk, var at) = prediction.Result;
        _latency.Add(at - _began);
        return true;
    }

    /// <summary>Marks the prediction under way as one not to be executed.</summary>
    public void Discard() => _discard = true;

    /// <summary>Begins nothing more. Returns at once.</summary>
    public void Close() => _worker.Close();
}
