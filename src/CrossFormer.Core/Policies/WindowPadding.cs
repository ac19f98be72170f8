namespace CrossFormer.Policies;

/// <summary>How a <see cref="HistoryWindow{T}"/> looks before it has seen as many steps as it can hold.</summary>
public enum WindowPadding
{
    /// <summary>
    /// Always full size: the first step is repeated in front, and the pad mask is false there. So training sees the
    /// beginning of a trajectory; positions in the window stay the same from the first step on.
    /// </summary>
    RepeatFirst,

    /// <summary>
    /// Grows from one step to full size with a pad mask that is all true, as the reference's server does: it never pads
    /// its history in front. Reference: scripts/server.py, stack_and_pad.
    /// </summary>
    Grow,
}
