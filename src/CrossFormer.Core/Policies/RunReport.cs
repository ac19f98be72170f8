namespace CrossFormer.Policies;

/// <summary>What happened in a run of <see cref="AsyncPolicyRunner"/>, so far or in the end.</summary>
public sealed record RunReport
{
    /// <summary>What ended the run; null while it goes on.</summary>
    public StopReason? Reason { get; init; }

    /// <summary>The exception behind the reason: <see cref="NonFiniteActionException"/>, <see cref="TimeoutException"/>, or what the policy or the robot threw; null when somebody asked for the end.</summary>
    public Exception? Fault { get; init; }

    /// <summary>True when the policy did not come back within the bound of the stop: it still runs on its thread, so it must not be disposed yet.</summary>
    public bool PolicyStillBusy { get; init; }

    /// <summary>Control periods in which an action was executed.</summary>
    public long Actions { get; init; }

    /// <summary>Control periods in which the robot was told to hold.</summary>
    public long Holds { get; init; }

    /// <summary>Actions of which the limits changed at least one dimension.</summary>
    public long LimitedActions { get; init; }

    /// <summary>Chunks predicted.</summary>
    public long Chunks { get; init; }

    /// <summary>Chunks of which every action was too late when they came.</summary>
    public long ExpiredChunks { get; init; }

    /// <summary>Leading actions of chunks that were not executed because their time had passed, and actions of control periods that the loop missed.</summary>
    public long SkippedActions { get; init; }

    /// <summary>Observations ignored because a newer one had come before them.</summary>
    public long LateObservations { get; init; }

    /// <summary>From the start of a prediction to its end.</summary>
    public LatencySummary PredictionLatency { get; init; }

    /// <summary>From an observation's timestamp to the first action that its chunk contributed to.</summary>
    public LatencySummary ReactionLatency { get; init; }
}
