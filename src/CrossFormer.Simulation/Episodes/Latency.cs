namespace CrossFormer.Simulation.Episodes;

/// <summary>How long a policy thinks, as far as the simulated robot is concerned.</summary>
/// <param name="Fixed">So long each time, whatever it really takes; null: as long as it really takes on this machine.</param>
public sealed record Latency(TimeSpan? Fixed)
{
    /// <summary>As long as it really takes.</summary>
    public static Latency Measured { get; } = new((TimeSpan?)null);

    /// <summary>None: the simulation waits for the policy.</summary>
    public static Latency None { get; } = new(TimeSpan.Zero);
}
