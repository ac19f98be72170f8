namespace CrossFormer.Policies;

/// <summary>The actuators that a runner drives. Calls come one at a time, from the runner's loop or from whoever stops it; each should return well within a control period.</summary>
public interface IRobot
{
    /// <summary>Executes an action; called at most once per control period.</summary>
    /// <param name="action">float32 [dim] in robot units, finite and within the profile's limits. Valid during the call only.</param>
    void Act(ReadOnlySpan<float> action);

    /// <summary>
    /// Stands still and stays ready: absolute targets are kept, velocities and deltas are zero. Called once per control
    /// period for as long as there is nothing safe to execute.
    /// </summary>
    void Hold();

    /// <summary>Ends motion for good. Called exactly once, whatever ended the run; nothing is called after it.</summary>
    void Stop();
}
