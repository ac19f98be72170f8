namespace CrossFormer.Policies;

/// <summary>What a runner does when the newest observation is too old.</summary>
public enum StaleFallback
{
    /// <summary>Hold until fresh observations come, then go on with a new prediction; nothing predicted from before is executed.</summary>
    Hold,

    /// <summary>End the run.</summary>
    Stop,
}
