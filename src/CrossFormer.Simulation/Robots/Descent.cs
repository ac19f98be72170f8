namespace CrossFormer.Simulation.Robots;

/// <summary>The way down to a point on a table that sweeps nothing aside: a funnel, in which a tool is the lower the nearer it is sideways.</summary>
internal static class Descent
{
    private const double Clearance = 0.10, Near = 0.010, Far = 0.05, Rise = 0.04;

    /// <summary>The way down to where two fingers shall close, and whether they are there.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="target">Where it shall arrive.</param>
    /// <param name="turn">How far it must turn until the fingers stand along the thing, in rad.</param>
    /// <param name="near">How near to the target the fingers close, sideways and in height, in m.</param>
    /// <param name="aligned">How much may be left to turn on the way down, in rad; half as much again when they close.</param>
    public static (Vector3d Way, bool Closes) ToGrasp(Vector3d tool, Vector3d target, double turn, double near, double aligned) => (
        Toward(tool, target, 0.1 * Math.Max(0, Math.Abs(turn) - aligned)),
        (target - tool).Horizontal < near && Math.Abs(target.Z - tool.Z) < near && Math.Abs(turn) < 1.5 * aligned);

    /// <summary>From where the tool is to where it should be next.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="target">Where it shall arrive.</param>
    /// <param name="misalignment">What else must be mended before it may come down, in metres sideways that would be as bad.</param>
    public static Vector3d Toward(Vector3d tool, Vector3d target, double misalignment = 0)
    {
        var way = target - tool;
        var height = target.Z + Clearance * Math.Clamp((way.Horizontal + misalignment - Near) / (Far - Near), 0, 1);
        // Below the funnel's wall it goes up first.
        var sideways = Math.Clamp(1 - (height - tool.Z) / Rise, 0, 1);
        return new(sideways * way.X, sideways * way.Y, height - tool.Z);
    }
}
