namespace CrossFormer.Data.Trajectories;

/// <summary>From which action of a chunk on a task counts as completed, so that nothing is learnt from it.</summary>
public enum TaskCompletion
{
    /// <summary>
    /// As the reference: it writes window + 1 where window − 1 is meant, so at the window's last step the action h steps ahead is
    /// completed where t + h ≥ goal + 2. The published weights were trained so.
    /// </summary>
    Reference,

    /// <summary>Completed where t + h ≥ goal.</summary>
    AtGoal,
}
