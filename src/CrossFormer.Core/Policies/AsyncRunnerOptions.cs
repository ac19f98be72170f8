namespace CrossFormer.Policies;

/// <summary>Options of <see cref="AsyncPolicyRunner"/>. Range and default stand at each.</summary>
public sealed record AsyncRunnerOptions
{
    /// <summary>How chunks become actions; null takes the profile's default. Default null.</summary>
    public ExecutionOptions? Execution { get; init; }

    /// <summary>
    /// Age of the newest observation, by its timestamp, from which on it is stale; before the first one, time since the
    /// start. Positive. Default 500 ms.
    /// </summary>
    public TimeSpan MaxObservationAge { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What to do when the newest observation is stale. Default hold.</summary>
    public StaleFallback StaleFallback { get; init; } = StaleFallback.Hold;

    /// <summary>A prediction that takes longer ends the run. Positive; generous, for the first one warms up. Default 30 s.</summary>
    public TimeSpan MaxPredictionTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How much later than meant a chunk's last action may still be executed, when all its actions' time has passed.
    /// Zero or more; null means one control period, so that a chunk of one action can be executed at all. Default null.
    /// </summary>
    public TimeSpan? MaxActionLateness { get; init; }

    /// <summary>
    /// Added to the longest of the last predictions when deciding how early the next one must begin. Zero or more; null
    /// means half a control period. Default null.
    /// </summary>
    public TimeSpan? LatencyMargin { get; init; }

    /// <summary>How long the end of a run waits for a prediction under way. Zero or more. Default 2 s.</summary>
    public TimeSpan StopBound { get; init; } = TimeSpan.FromSeconds(2);

    internal void Check()
    {
        Require(MaxObservationAge > TimeSpan.Zero, nameof(MaxObservationAge), MaxObservationAge, "positive");
        Require(MaxPredictionTime > TimeSpan.Zero, nameof(MaxPredictionTime), MaxPredictionTime, "positive");
        Require(MaxActionLateness is not { } lateness || lateness >= TimeSpan.Zero, nameof(MaxActionLateness), MaxActionLateness, "zero or more");
        Require(LatencyMargin is not { } margin || margin >= TimeSpan.Zero, nameof(LatencyMargin), LatencyMargin, "zero or more");
        Require(StopBound >= TimeSpan.Zero, nameof(StopBound), StopBound, "zero or more");
    }

    private static void Require(bool condition, string option, TimeSpan? value, string expected)
    {
        if (!condition)
            throw new ArgumentOutOfRangeException(option, value, $"Expected {option} to be {expected}.");
    }
}
