namespace CrossFormer.Policies;

/// <summary>
/// When an action dimension with two positions changes over: a policy that is not sure predicts something between the two, and a gripper
/// that follows that half opens and drops what it holds.
/// </summary>
/// <param name="Low">From here down the dimension goes to its minimum, in its unit.</param>
/// <param name="High">From here up it goes to its maximum; larger than <paramref name="Low"/>. In between it stays.</param>
public sealed record Hysteresis(float Low, float High)
{
    /// <summary>Whether the minimum and maximum of a dimension are beyond both points, so that both positions are reached.</summary>
    internal bool Fits(float? minimum, float? maximum) => minimum <= Low && Low < High && High <= maximum;
}
