namespace CrossFormer.Simulation;

/// <summary>Angles in radians.</summary>
internal static class Angles
{
    /// <summary>The same angle from −π to π.</summary>
    public static double Wrap(double angle) => Math.IEEERemainder(angle, 2 * Math.PI);

    /// <summary>The angle nearest to zero among those that look the same to something with <paramref name="symmetry"/> equal sides.</summary>
    public static double Nearest(double angle, int symmetry) => Math.IEEERemainder(angle, 2 * Math.PI / symmetry);
}
