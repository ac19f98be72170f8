namespace CrossFormer.Simulation.Robots;

/// <summary>Where to head for on the way to a goal past round obstacles.</summary>
internal static class Detour
{
    /// <summary>The goal, or if something stands between, a point beside it, on the nearer side.</summary>
    /// <param name="from">Where the robot is.</param>
    /// <param name="goal">Where it shall arrive.</param>
    /// <param name="obstacles">Centres.</param>
    /// <param name="clearance">How far from a centre the robot's centre must stay.</param>
    public static Vector3d Toward(Vector3d from, Vector3d goal, ReadOnlySpan<Vector3d> obstacles, double clearance)
    {
        const double margin = 1.15;
        var way = goal - from;
        var length = way.Horizontal;
        if (length < 1e-6)
            return goal;
        var (along, aside) = (1 / length * way, 1 / length * new Vector3d(-way.Y, way.X, 0));
        var (nearest, aim) = (length, goal);
        foreach (var obstacle in obstacles)
        {
            var to = obstacle - from;
            var (ahead, off) = (to.X * along.X + to.Y * along.Y, to.X * aside.X + to.Y * aside.Y);
            if (ahead <= 0 || ahead >= nearest || Math.Abs(off) >= clearance)
                continue;
            (nearest, aim) = (ahead, obstacle - Math.CopySign(margin * clearance, off) * aside);
        }

        return aim;
    }
}
