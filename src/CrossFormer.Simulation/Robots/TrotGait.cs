namespace CrossFormer.Simulation.Robots;

/// <summary>
/// A trot as a function of what a legged robot knows: the phase of its gait, what it is told, how it moves and how it leans.
/// Diagonal legs step together; a foot lands where the body's speed wants it (Raibert's rule), and legs lengthen on the side
/// that the body leans to.
/// </summary>
internal static class TrotGait
{
    /// <summary>Seconds that a whole cycle takes.</summary>
    public const double Period = 0.3;

    /// <summary>Height of the hips when standing, in m.</summary>
    public const double StandHeight = 0.30;

    private const double Stance = 0.5; // share of the cycle that a foot stands
    private const double Lift = 0.06, SpeedGain = 0.5, ForwardGain = 0.06, SideGain = 0.10, TurnGain = 0.5, Leveling = 0.5;

    /// <summary>Targets of the joints, in the order of <see cref="QuadrupedModel.Joints"/>.</summary>
    /// <param name="phase">0 to 1.</param>
    /// <param name="speed">Wanted forward speed, m/s.</param>
    /// <param name="turn">Wanted turn rate, rad/s.</param>
    /// <param name="moves">Estimated forward and left speed, m/s, and turn rate, rad/s.</param>
    /// <param name="roll">To the right is positive, rad.</param>
    /// <param name="pitch">Nose down is positive, rad.</param>
    public static float[] Targets(double phase, double speed, double turn, (double Forward, double Left, double Turn) moves, double roll, double pitch)
    {
        var targets = new float[3 * QuadrupedModel.Legs.Length];
        var wanted = speed + SpeedGain * (speed - moves.Forward);
        var wantedTurn = turn + TurnGain * (turn - moves.Turn);
        for (var leg = 0; leg < QuadrupedModel.Legs.Length; leg++)
        {
            var (_, forward, left) = QuadrupedModel.Legs[leg];
            var (hipX, hipY) = (forward * QuadrupedModel.HipForward, left * (QuadrupedModel.HipLeft + QuadrupedModel.HipWidth));
            var legPhase = (phase + (forward * left > 0 ? 0 : 0.5)) % 1;
            // How fast the ground goes by beneath the hip, and half the way that it goes while the foot stands.
            var (goesX, goesY) = (wanted - wantedTurn * hipY, wantedTurn * hipX);
            var (halfX, halfY) = (goesX * Period * Stance / 2, goesY * Period * Stance / 2);
            var (landX, landY) = (halfX + ForwardGain * (moves.Forward - speed), halfY + SideGain * moves.Left);
            double x, y, z = 0;
            if (legPhase < Stance)
            {
                var u = legPhase / Stance;
                (x, y) = (landX * (1 - u) - halfX * u, landY * (1 - u) - halfY * u);
            }
            else
            {
                var u = (legPhase - Stance) / (1 - Stance);
                var smooth = u * u * (3 - 2 * u);
                (x, y, z) = (-halfX * (1 - smooth) + landX * smooth, -halfY * (1 - smooth) + landY * smooth, Lift * Math.Sin(Math.PI * u));
            }

            var level = Leveling * (hipX * Math.Sin(pitch) - hipY * Math.Sin(roll));
            Leg(x, left * QuadrupedModel.HipWidth + y, z - StandHeight - level, left).CopyTo(targets.AsSpan(3 * leg));
        }

        return targets;
    }

    /// <summary>Hip, thigh and calf angles that bring a foot to a place beneath its hip (m, body axes; z is negative).</summary>
    /// <param name="x">Forward.</param>
    /// <param name="y">Left.</param>
    /// <param name="z">Up.</param>
    /// <param name="left">1 for legs on the left, −1 on the right.</param>
    public static float[] Leg(double x, double y, double z, int left)
    {
        const double thigh = QuadrupedModel.ThighLength, calf = QuadrupedModel.CalfLength, width = QuadrupedModel.HipWidth;
        var down = Math.Sqrt(Math.Max(1e-6, y * y + z * z - width * width)); // in the plane of the leg
        var hip = Math.Atan2(y, -z) - Math.Atan2(left * width, down);
        var knee = -Math.Acos(Math.Clamp((x * x + down * down - thigh * thigh - calf * calf) / (2 * thigh * calf), -1, 1));
        var upper = Math.Atan2(-x, down) - Math.Atan2(calf * Math.Sin(knee), thigh + calf * Math.Cos(knee));
        return [(float)hip, (float)upper, (float)knee];
    }
}
