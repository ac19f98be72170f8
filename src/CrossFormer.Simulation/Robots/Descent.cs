namespace CrossFormer.Simulation.Robots;

/// <summary>The way down to a point on a table that sweeps nothing aside: a funnel, in which a tool is the lower the nearer it is sideways.</summary>
internal static class Descent
{
    private const double Clearance = 0.10, Near = 0.010, Far = 0.05, Rise = 0.04;

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
