namespace CrossFormer.Policies;

/// <summary>One dimension of a robot's action, with its limits. A missing limit is not checked.</summary>
/// <param name="Name">For example <c>x</c> or <c>left_elbow</c>.</param>
/// <param name="Unit">Unit of the value in one action, for example <c>m</c>, <c>rad</c>; free text.</param>
/// <param name="Kind">Whether the value is a target or a change per step; decides what <paramref name="MaxVelocity"/> means.</param>
/// <param name="Minimum">Smallest value sent to the robot, in <paramref name="Unit"/>.</param>
/// <param name="Maximum">Largest value sent to the robot, in <paramref name="Unit"/>.</param>
/// <param name="MaxVelocity">Largest speed, in <paramref name="Unit"/> per second; positive.</param>
/// <param name="Hysteresis">
/// For what has two positions, such as a gripper that is open or closed: only <paramref name="Minimum"/> and <paramref name="Maximum"/>
/// are sent, and what lies on the way between them where <paramref name="MaxVelocity"/> needs several steps. Null: the value is sent as
/// it is.
/// </param>
public sealed record ActionDimension(
    string Name,
    string Unit,
    ActionKind Kind = ActionKind.Absolute,
    float? Minimum = null,
    float? Maximum = null,
    float? MaxVelocity = null,
    Hysteresis? Hysteresis = null);
