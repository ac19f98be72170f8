using System.Runtime.InteropServices;
using CrossFormer.Simulation.MuJoCo;

namespace CrossFormer.Simulation.Robots;

/// <summary>An arm of <see cref="ArmModel"/> or <see cref="ScaraModel"/> in a simulation: where its tool is, and how joints bring it elsewhere.</summary>
/// <remarks>
/// The tool hangs straight down and turns about the vertical; its yaw is 0 when the fingers open along the world's y axis.
/// Gravity is taken off the joints, as a real arm's controller does: so a servo rests where it is told to.
/// </remarks>
internal sealed unsafe class Arm : IDisposable
{
    /// <summary>Distance of the open fingers, in m.</summary>
    public const double OpenGap = 0.08;

    private const int PoseSize = 6; // of a tool's velocity: linear, angular
    private const double Damping = 0.05; // of the least squares: keeps steps small near singular poses
    private const double MaxJointStep = 0.3; // rad, or m of a slide, an iteration

    private readonly Physics _physics;
    private readonly mjData* _kinematics;
    private readonly double* _jacobian;
    private readonly int[] _positions, _velocities, _actuators, _fingers;
    private readonly (double Low, double High)[] _ranges;
    private readonly int _tool, _grip;

    /// <param name="physics">The world that it stands in.</param>
    /// <param name="prefix">What its names begin with.</param>
    /// <param name="joints">How many joints it has, the gripper apart.</param>
    public Arm(Physics physics, string prefix, int joints)
    {
        _physics = physics;
        string[] names = [.. Enumerable.Range(1, joints).Select(i => $"{prefix}j{i}")];
        _positions = [.. names.Select(physics.Position)];
        _velocities = [.. names.Select(physics.Velocity)];
        _actuators = [.. names.Select(physics.Actuator)];
        _ranges = [.. names.Select(physics.Range)];
        _fingers = [physics.Position(prefix + "left"), physics.Position(prefix + "right")];
        (_tool, _grip) = (physics.Site(prefix + "tool"), physics.Actuator(prefix + "grip"));
        _kinematics = physics.NewData();
        _jacobian = (double*)NativeMemory.AllocZeroed((nuint)(PoseSize * physics.Model->nv * sizeof(double)));
    }

    /// <summary>Between the finger tips.</summary>
    public Vector3d Tool => _physics.SitePosition(_tool);

    /// <summary>How the tool is turned about the vertical.</summary>
    public double Yaw
    {
        get
        {
            var r = _physics.SiteRotation(_tool);
            return Math.Atan2(-r[1], r[4]);
        }
    }

    /// <summary>Distance of the fingers, 0 to <see cref="OpenGap"/>.</summary>
    public double Gap => _physics.Positions[_fingers[0]] + _physics.Positions[_fingers[1]];

    /// <summary>The joints' angles in rad; a slide's position in m.</summary>
    public double[] Joints => [.. _positions.Select(p => _physics.Positions[p])];

    /// <summary>Puts the arm somewhere, at rest, without moving there. Positions that follow are known after <see cref="Physics.Forward"/>.</summary>
    public void Place(ReadOnlySpan<double> joints, double gap)
    {
        for (var i = 0; i < joints.Length; i++)
            _physics.Positions[_positions[i]] = joints[i];
        foreach (var finger in _fingers)
            _physics.Positions[finger] = gap / 2;
        Command(joints, gap);
    }

    /// <summary>Set points of the servos.</summary>
    public void Command(ReadOnlySpan<double> joints, double gap)
    {
        for (var i = 0; i < joints.Length; i++)
            _physics.Controls[_actuators[i]] = Math.Clamp(joints[i], _ranges[i].Low, _ranges[i].High);
        _physics.Controls[_grip] = Math.Clamp(gap, 0, OpenGap);
    }

    /// <summary>
    /// Fingers' distance that a command asks for: above 0.6 open, below 0.4 closed. Between the two nothing changes, so that an
    /// undecided policy does not drop what it holds.
    /// </summary>
    public static double Grip(float command, double before) => command > 0.6f ? OpenGap : command < 0.4f ? 0 : before;

    /// <summary>Cancels gravity and inertial coupling at the joints; before each step's forces.</summary>
    public void CompensateGravity()
    {
        foreach (var v in _velocities)
            _physics.Data->qfrc_applied[v] = _physics.Data->qfrc_bias[v];
    }

    /// <summary>Joint positions that bring the tool to a place, pointing down: damped least squares from the given joints on.</summary>
    /// <param name="position">Where the tool shall be. What is out of reach is approached.</param>
    /// <param name="yaw">How it shall be turned.</param>
    /// <param name="from">Joints to begin with; the nearer, the fewer iterations.</param>
    /// <param name="iterations">At most.</param>
    public double[] Solve(Vector3d position, double yaw, ReadOnlySpan<double> from, int iterations = 30)
    {
        const double close = 1e-4, closeAngle = 1e-3;
        var nv = _physics.Model->nv;
        var data = _kinematics;
        var joints = from.ToArray();
        ReadOnlySpan<double> target = [0, -Math.Sin(yaw / 2), Math.Cos(yaw / 2), 0]; // Rz(yaw)·Ry(π)
        Span<double> now = stackalloc double[4], inverse = stackalloc double[4], turn = stackalloc double[4], error = stackalloc double[6], normal = stackalloc double[36], y = stackalloc double[6];
        fixed (double* goal = target, have = now, back = inverse, by = turn, e = error, a = normal, x = y)
        {
            for (var iteration = 0; iteration < iterations; iteration++)
            {
                for (var i = 0; i < joints.Length; i++)
                    data->qpos[_positions[i]] = joints[i];
                Mj.mj_kinematics(_physics.Model, data);
                Mj.mj_comPos(_physics.Model, data);
                var at = data->site_xpos + 3 * _tool;
                (e[0], e[1], e[2]) = (position.X - at[0], position.Y - at[1], position.Z - at[2]);
                Mj.mju_mat2Quat(have, data->site_xmat + 9 * _tool);
                Mj.mju_negQuat(back, have);
                Mj.mju_mulQuat(by, goal, back);
                Mj.mju_quat2Vel(e + 3, by, 1);
                if (new Vector3d(e[0], e[1], e[2]).Length < close && new Vector3d(e[3], e[4], e[5]).Length < closeAngle)
                    break;
                Mj.mj_jacSite(_physics.Model, data, _jacobian, _jacobian + 3 * nv, _tool);
                for (var r = 0; r < 6; r++)
                {
                    for (var c = 0; c < 6; c++)
                    {
                        var sum = r == c ? Damping * Damping : 0;
                        foreach (var v in _velocities)
                            sum += _jacobian[r * nv + v] * _jacobian[c * nv + v];
                        a[6 * r + c] = sum;
                    }
                }

                _ = Mj.mju_cholFactor(a, 6, 1e-12);
                Mj.mju_cholSolve(x, a, e, 6);
                for (var i = 0; i < joints.Length; i++)
                {
                    double step = 0;
                    for (var r = 0; r < 6; r++)
                        step += _jacobian[r * nv + _velocities[i]] * x[r];
                    joints[i] = Math.Clamp(joints[i] + Math.Clamp(step, -MaxJointStep, MaxJointStep), _ranges[i].Low, _ranges[i].High);
                }
            }
        }

        return joints;
    }

    public void Dispose()
    {
        Physics.Free(_kinematics);
        NativeMemory.Free(_jacobian);
    }
}
