using CrossFormer.Simulation.MuJoCo;

namespace CrossFormer.Simulation.Robots;

/// <summary>
/// Flies a quadcopter at a velocity, a turn rate and a height: velocity to tilt, tilt to torques, torques to the four rotors.
/// What a policy that gives waypoints need not know.
/// </summary>
internal sealed class FlightController(Physics physics, int body, int velocity)
{
    public const double Mass = 0.8, ArmLength = 0.13, TorquePerThrust = 0.016;

    private const double Gravity = 9.81, MaxTilt = 0.4, InertiaTilt = 0.006, InertiaTurn = 0.011;

    /// <summary>Sets the rotors' thrust for one physics step.</summary>
    /// <param name="vx">Wanted velocity along the world's x, m/s.</param>
    /// <param name="vy">Wanted velocity along the world's y, m/s.</param>
    /// <param name="turnRate">Wanted turn rate, rad/s.</param>
    /// <param name="height">Wanted height, m.</param>
    public void Fly(double vx, double vy, double turnRate, double height)
    {
        var r = physics.BodyRotation(body);
        var v = physics.Velocities.Slice(velocity, 6);
        var climb = Math.Clamp(1.5 * (height - physics.BodyPosition(body).Z), -1, 1);
        var (ax, ay, az) = (2.5 * (vx - v[0]), 2.5 * (vy - v[1]), 4 * (climb - v[2]) + Gravity);
        var thrust = Mass * Math.Max(2, az / Math.Max(0.5, r[8]));
        var acceleration = new Vector3d(ax, ay, 0).SeenFrom(Math.Atan2(r[3], r[0]));
        var (wantedPitch, wantedRoll) = (Math.Clamp(acceleration.X / Gravity, -MaxTilt, MaxTilt), Math.Clamp(-acceleration.Y / Gravity, -MaxTilt, MaxTilt));
        var (pitch, roll) = (Math.Atan2(-r[6], Math.Sqrt(r[7] * r[7] + r[8] * r[8])), Math.Atan2(r[7], r[8]));
        var torqueX = Math.Clamp(InertiaTilt * (120 * (wantedRoll - roll) - 20 * v[3]), -0.6, 0.6);
        var torqueY = Math.Clamp(InertiaTilt * (120 * (wantedPitch - pitch) - 20 * v[4]), -0.6, 0.6);
        var torqueZ = Math.Clamp(InertiaTurn * 6 * (turnRate - v[5]), -0.05, 0.05);
        // Rotors: front left, rear left, rear right, front right; neighbours turn against each other.
        var (a, b, c, d) = (thrust / 4, torqueX / (4 * ArmLength), torqueY / (4 * ArmLength), torqueZ / (4 * TorquePerThrust));
        var rotors = physics.Controls;
        (rotors[0], rotors[1], rotors[2], rotors[3]) = (a + b - c + d, a + b + c - d, a - b + c + d, a - b - c - d);
    }
}
