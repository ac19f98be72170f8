using CrossFormer.Simulation.Robots;

namespace CrossFormer.Simulation.Tasks;

/// <summary>
/// <c>scara</c>: grasp the block, the only thing on the table, and lift it. An action moves the joints from where they are.
/// </summary>
internal sealed class BlockLift : SimulationTask
{
    private const double HalfSize = 0.019, Lifted = 0.10, LiftTo = 0.14;
    private const double MaxMove = 0.045, MaxTurn = 0.3; // of the tool: m, rad
    private const double MaxAngle = 0.4, MaxSlide = 0.05, MaxWrist = 0.6; // of the profile's limits: rad, m, rad
    private const int Iterations = 30; // of the inverse kinematics

    private static readonly Vector3d Brick = new(HalfSize, 0.015, 0.0145); // half sizes, of the unseen variation

    private static readonly Phrases Phrasing = new(["lift the block", "pick up the block", "raise the block off the table", "grasp the block and lift it"], [""]);

    private readonly Arm _arm;
    private readonly int _body, _geom, _position;
    private readonly int[] _leftFinger, _rightFinger;
    private double[] _from = [];
    private float[] _move = [];
    private double _gap = Arm.OpenGap;

    public BlockLift() : base("scara", Mjcf())
    {
        _arm = new Arm(Physics, "", ScaraModel.JointCount);
        (_body, _geom, _position) = (Physics.Body("block"), Physics.Geom("block"), Physics.Position("block"));
        (_leftFinger, _rightFinger) = ([Physics.Geom("left")], [Physics.Geom("right")]);
        Appearance.Vary("table", "floor");
    }

    public override string Spectator => "corner";

    public override IReadOnlyList<float> Disturbance { get; } = [0.08f, 0.08f, 0.02f, 0.12f, 0.6f];

    public override int MaxSteps => 50;

    public override bool TakesInstructions => true;

    public override bool TakesGoalImages => true;

    public override string GoalCamera => "image_primary";

    public override IReadOnlyList<string> Instructions => Phrasing.All;

    /// <summary>The block is held, high above the table.</summary>
    public override bool IsDone => Block.Z - HalfSize > Lifted && IsHeld;

    /// <summary>The block has fallen off the table.</summary>
    public override bool IsLost => Block.Z < -0.05;

    public override double Reward => 0.5 * Near(_arm.Tool - Block) + 0.5 * Math.Clamp((Block.Z - HalfSize) / Lifted, 0, 1);

    protected override Action BeforeForces => _arm.CompensateGravity;

    private Vector3d Block => Physics.BodyPosition(_body);

    private bool IsHeld => Physics.Touch(_leftFinger, [_geom]) && Physics.Touch(_rightFinger, [_geom]);

    /// <summary>Shoulder, elbow (rad), slide (m), wrist (rad), and the fingers' distance from 0 (closed) to 1.</summary>
    public override float[] Proprioception(string key) =>
        key == "proprio_scara" ? [.. _arm.Joints.Select(q => (float)q), (float)(_arm.Gap / Arm.OpenGap)] : base.Proprioception(key);

    public override float[] HoldAction() => [0, 0, 0, 0, _gap > 0 ? 1 : 0];

    public override float[] ExpertAction()
    {
        var tool = _arm.Tool;
        if (IsHeld)
            return Action(new(0, 0, LiftTo + HalfSize - tool.Z), 0, open: false);
        var turn = Angles.Nearest(Physics.Yaw(_body), 4) - _arm.Yaw;
        var grasp = Block with { Z = Math.Max(Block.Z - 0.004, 0.016) };
        var (way, closes) = Descent.ToGrasp(tool, grasp, turn, near: 0.012, aligned: 0.25);
        return Action(way, turn, open: !closes);
    }

    /// <summary>The block in the hand, lifted.</summary>
    public override void ShowGoal()
    {
        var (lifted, yaw) = (Block with { Z = LiftTo + HalfSize }, Angles.Nearest(Physics.Yaw(_body), 4));
        Physics.Place(_position, lifted, yaw);
        _arm.Place(_arm.Solve(lifted, yaw, _arm.Joints, 100), 2 * HalfSize);
    }

    public override void Dispose()
    {
        _arm.Dispose();
        base.Dispose();
    }

    protected override unsafe void Randomize(Random random, SceneVariation variation)
    {
        Appearance.Paint(_geom, Paint.Shuffled(random)[0].For(variation));
        var size = variation == SceneVariation.Unseen ? Brick : new Vector3d(HalfSize, HalfSize, HalfSize);
        var half = Physics.Model->geom_size + 3 * _geom;
        (half[0], half[1], half[2]) = (size.X, size.Y, size.Z);
        Physics.Place(_position, new(Draw(random, 0.22, 0.40), Draw(random, -0.1, 0.1), size.Z), Draw(random, -0.3, 0.3));
        Instruction = Phrasing.Draw(random, "");
        var tool = new Vector3d(Draw(random, 0.25, 0.37), Draw(random, -0.08, 0.08), Draw(random, 0.13, 0.2));
        ReadOnlySpan<double> home = [-0.8, 1.76, 0.15, -0.96];
        _arm.Place(_arm.Solve(tool, Draw(random, -0.3, 0.3), home, 100), Arm.OpenGap);
        _gap = Arm.OpenGap;
    }

    protected override void BeginAction(ReadOnlySpan<float> action)
    {
        (_from, _move) = (_arm.Joints, action[..^1].ToArray());
        _gap = Arm.Grip(action[^1], _gap);
    }

    protected override void BeforeStep(double progress)
    {
        Span<double> joints = stackalloc double[ScaraModel.JointCount];
        for (var i = 0; i < joints.Length; i++)
            joints[i] = _from[i] + progress * _move[i];
        _arm.Command(joints, _gap);
    }

    // The joints' way to where the tool goes next.
    private float[] Action(Vector3d way, double turn, bool open)
    {
        var joints = _arm.Joints;
        var next = _arm.Solve(_arm.Tool + way.Limit(MaxMove), _arm.Yaw + Math.Clamp(turn, -MaxTurn, MaxTurn), joints, Iterations);
        return [Move(0, MaxAngle), Move(1, MaxAngle), Move(2, MaxSlide), Move(3, MaxWrist), open ? 1 : 0];

        float Move(int joint, double limit) => (float)Math.Clamp(next[joint] - joints[joint], -limit, limit);
    }

    private static string Mjcf()
    {
        var (tendon, equality) = GripperModel.Coupling("");
        return Scenery.Model(ArmModel.Options, ArmModel.Defaults, $"""
            <light pos="0 0 2.5" dir="0 0 -1" diffuse=".5 .5 .5"/>
            <geom name="floor" type="plane" size="2 2 .1" pos="0 0 -.4" material="grid"/>
            <geom name="table" type="box" size=".4 .5 .02" pos=".35 0 -.02" rgba=".55 .42 .3 1"/>
            <camera name="side" pos=".62 -.62 .55" xyaxes=".894 .447 0 -.251 .502 .827" fovy="29"/>
            <camera name="corner" pos=".85 -.75 .6" xyaxes=".756 .655 0 -.255 .295 .921" fovy="42"/>
            {ScaraModel.Body}
            <body name="block"><freejoint name="block"/>
              <geom name="block" type="box" size="{HalfSize} {HalfSize} {HalfSize}" mass=".05" friction="1.5 .02 .0001" condim="4"/>
            </body>
            """, $"<tendon>{tendon}</tendon><equality>{equality}</equality><actuator>{ScaraModel.Actuators}</actuator>");
    }
}
