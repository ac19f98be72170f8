namespace CrossFormer.Simulation.Robots;

/// <summary>
/// The action of the robots that go places: where to be one control period from now, forward and left of where the robot is
/// and looks, in m.
/// </summary>
internal static class Waypoint
{
    /// <summary>An expert's waypoint: a share of the remaining way, at most a step.</summary>
    /// <param name="from">Where the robot is.</param>
    /// <param name="yaw">Where it looks.</param>
    /// <param name="aim">Where it heads for.</param>
    /// <param name="share">Of the remaining way in one step, so that it slows down as it arrives.</param>
    /// <param name="step">Longest step.</param>
    public static float[] Toward(Vector3d from, double yaw, Vector3d aim, double share, double step)
    {
        var way = (share * ((aim - from) with { Z = 0 })).Limit(step).SeenFrom(yaw);
        return [(float)way.X, (float)way.Y];
    }

    /// <summary>How fast to turn towards a waypoint in rad/s; one that is hardly ahead says nothing about the heading.</summary>
    /// <param name="waypoint">Forward and left.</param>
    /// <param name="gain">rad/s for a rad.</param>
    /// <param name="limit">Fastest turn.</param>
    /// <param name="certain">Length in m from which on its direction counts in full.</param>
    public static double TurnRate(Vector3d waypoint, double gain, double limit, double certain) =>
        Math.Clamp(gain * Math.Atan2(waypoint.Y, waypoint.X), -limit, limit) * Math.Min(1, waypoint.Length / certain);
}
