namespace CrossFormer.Policies;

/// <summary>
/// One background thread that runs a policy's calls in order. The same thread for a whole run, not the pool's: native
/// libraries keep a team of threads for each thread that calls them.
/// </summary>
internal sealed class PredictionWorker
{
    private readonly Queue<Action> _jobs = [];
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _closed;

    public PredictionWorker(string name) => new Thread(Loop) { IsBackground = true, Name = name }.Start();

    /// <summary>Completes when <see cref="Close"/> was called and the last call has returned.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Queues a call; the task completes with its result or exception, its continuations on other threads. Without effect after <see cref="Close"/>: then the task never completes.</summary>
    public Task<T> Run<T>(Func<T> call)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_jobs)
        {
            if (!_closed)
                _jobs.Enqueue(Job);
            Monitor.Pulse(_jobs);
        }

        return completion.Task;

        void Job()
        {
            try
            {
                completion.SetResult(call());
            }
            catch (Exception e)
            {
                completion.SetException(e);
            }
        }
    }

    /// <summary>Takes no more calls and drops those not yet begun. Returns at once.</summary>
    public void Close()
    {
        lock (_jobs)
        {
            _closed = true;
            _jobs.Clear();
            Monitor.Pulse(_jobs);
        }
    }

    private void Loop()
    {
        while (Next() is { } job)
            job();
        _finished.SetResult();
    }

    private Action? Next()
    {
        lock (_jobs)
        {
            while (_jobs.Count == 0 && !_closed)
                Monitor.Wait(_jobs);
            return _closed ? null : _jobs.Dequeue();
        }
    }
}
