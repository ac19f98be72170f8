namespace CrossFormer.Policies;

/// <summary>What ended a run.</summary>
public enum StopReason
{
    /// <summary>Somebody asked for it.</summary>
    Requested,

    /// <summary>The cancellation token.</summary>
    Cancelled,

    /// <summary>The policy proposed NaN or an infinity.</summary>
    NonFiniteAction,

    /// <summary>The newest observation was too old, and the fallback is to stop.</summary>
    StaleObservation,

    /// <summary>The policy threw an exception, or gave a chunk that does not fit the profile.</summary>
    PolicyFailed,

    /// <summary>A prediction took longer than allowed.</summary>
    PolicyTimedOut,

    /// <summary>The robot threw an exception.</summary>
    RobotFailed,
}
