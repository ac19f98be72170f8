namespace CrossFormer.Data.Mixtures;

/// <summary>
/// Threads that do what they are given, in the order given; urgent work goes first. Each has a context of its own for the
/// buffers that work needs. Work must catch its own exceptions.
/// </summary>
internal sealed class WorkerPool<TContext> : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<Action<TContext>> _urgent = [], _ordinary = [];
    private readonly Thread[] _threads;
    private readonly Func<TContext> _createContext;
    private bool _stopped;

    public WorkerPool(int threads, string name, Func<TContext> createContext)
    {
        _createContext = createContext;
        _threads = new Thread[threads];
        for (var i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = $"{name} {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>How many threads.</summary>
    public int Count => _threads.Length;

    /// <summary>Whether a thread still runs.</summary>
    public bool IsAlive => Array.Exists(_threads, t => t.IsAlive);

    /// <summary>Adds work; after <see cref="Dispose"/> it is not done any more.</summary>
    public void Post(Action<TContext> work, bool urgent)
    {
        lock (_gate)
        {
            (urgent ? _urgent : _ordinary).Enqueue(work);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Lets work in progress finish, drops the rest, and waits for the threads to end.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }

        foreach (var thread in _threads)
            thread.Join();
    }

    private void Run()
    {
        var context = _createContext();
        while (true)
        {
            Action<TContext>? work;
            lock (_gate)
            {
                while (!_stopped && _urgent.Count + _ordinary.Count == 0)
                    Monitor.Wait(_gate);
                if (_stopped)
                    return;
                if (!_urgent.TryDequeue(out work))
                    work = _ordinary.Dequeue();
            }

            work(context);
        }
    }
}
