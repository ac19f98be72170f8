namespace CrossFormer.Simulation;

/// <summary>A point or direction in metres, in MuJoCo's precision. World axes: x forward, y left, z up.</summary>
/// <param name="X">Forward.</param>
/// <param name="Y">Left.</param>
/// <param name="Z">Up.</param>
internal readonly record struct Vector3d(double X, double Y, double Z)
{
    public double Length => Math.Sqrt(X * X + Y * Y + Z * Z);

    /// <summary>Length without the vertical part.</summary>
    public double Horizontal => Math.Sqrt(X * X + Y * Y);

    public static Vector3d operator +(Vector3d a, Vector3d b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    public static Vector3d operator -(Vector3d a, Vector3d b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    public static Vector3d operator *(double s, Vector3d a) => new(s * a.X, s * a.Y, s * a.Z);

    /// <summary>The same direction, at most so long.</summary>
    public Vector3d Limit(double length) => Length > length ? length / Length * this : this;

    /// <summary>The horizontal part in the axes of someone who looks along <paramref name="yaw"/> (rad); z is unchanged.</summary>
    public Vector3d SeenFrom(double yaw)
    {
        var (sin, cos) = Math.SinCos(yaw);
        return new(cos * X + sin * Y, -sin * X + cos * Y, Z);
    }

    /// <summary>A horizontal direction.</summary>
    public static Vector3d Heading(double yaw) => new(Math.Cos(yaw), Math.Sin(yaw), 0);
}
