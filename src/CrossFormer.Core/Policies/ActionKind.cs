namespace CrossFormer.Policies;

/// <summary>What the value of an action dimension stands for.</summary>
public enum ActionKind
{
    /// <summary>A target, such as a joint angle: its speed is the difference to the previous action over the control period.</summary>
    Absolute,

    /// <summary>A change per step, such as an end-effector displacement: its speed is the value over the control period.</summary>
    Delta,
}
