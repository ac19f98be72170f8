using CrossFormer.Policies;

namespace CrossFormer.Core.Tests.Policies;

/// <summary>Writes down what it is told: <c>act 3 3</c>, <c>hold</c>, <c>stop</c>.</summary>
internal sealed class RecordingRobot : IRobot
{
    private readonly Lock _lock = new();
    private readonly List<string> _commands = [];
    private readonly SemaphoreSlim _given = new(0);

    public Exception? ActFault { get; set; }

    public Exception? StopFault { get; set; }

    public IReadOnlyList<string> Commands
    {
        get
        {
            lock (_lock)
                return [.. _commands];
        }
    }

    public IEnumerable<string> Acts => Commands.Where(c => c.StartsWith("act", StringComparison.Ordinal));

    /// <summary>Waits for the next command that nobody has waited for.</summary>
    public Task NextCommand(CancellationToken cancellation) => _given.WaitAsync(cancellation);

    public void Act(ReadOnlySpan<float> action)
    {
        Note($"act {string.Join(' ', action.ToArray())}");
        if (ActFault is { } fault)
            throw fault;
    }

    public void Hold() => Note("hold");

    public void Stop()
    {
        Note("stop");
        if (StopFault is { } fault)
            throw fault;
    }

    private void Note(string command)
    {
        lock (_lock)
            _commands.Add(command);
        _given.Release();
    }
}
