namespace CrossFormer.Checkpoints.Hub;

/// <summary>Tries what may pass again, with growing waits. A try that got further counts as the first.</summary>
internal sealed class HubRetry(HubOptions options, Action<string> note)
{
    private const int MaxDelayFactor = 8;
    private const long FurtherBytes = 1 << 20;
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromMinutes(2);

    /// <summary>Does <paramref name="attempt"/> until it succeeds or fails for good.</summary>
    /// <param name="attempt">Throws <see cref="TransientHubException"/> when it is worth another try.</param>
    /// <param name="position">How far the work is, in bytes.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="HubException">Too many failures in a row.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> attempt, Func<long> position, CancellationToken cancellation)
    {
        for (var (failures, before) = (0, position()); ;)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (TransientHubException e)
            {
                cancellation.ThrowIfCancellationRequested();
                failures = position() - before >= FurtherBytes ? 1 : failures + 1;
                before = position();
                if (failures >= options.Attempts)
                {
                    var tries = failures > 1 ? $", after {failures} tries" : "";
                    var kept = before > 0 ? " What has arrived is kept; the next download goes on from there." : "";
                    throw new HubException(HubFailure.Unreachable, $"{e.Message}{tries}.{kept}", e);
                }

                var delay = DelayAfter(failures, e);
                note($"{e.Message}; trying again in {delay.TotalSeconds:0.#} s");
                await Task.Delay(delay, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>As the other, for requests that have no parts.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> attempt, CancellationToken cancellation) => RunAsync(attempt, () => 0, cancellation);

    private TimeSpan DelayAfter(int failures, TransientHubException e)
    {
        if (e.RetryAfter > MaxRetryAfter)
            throw new HubException(HubFailure.Unreachable, $"{e.Message} and asks to wait {e.RetryAfter.Value.TotalSeconds:0} s. Try again then.", e);
        var delay = options.RetryDelay * Math.Min(1 << (failures - 1), MaxDelayFactor);
        return e.RetryAfter is { } asked && asked > TimeSpan.Zero ? asked : delay;
    }
}
