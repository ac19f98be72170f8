using CrossFormer.Simulation.MuJoCo;
using CrossFormer.Simulation.Robots;

namespace CrossFormer.Simulation.Tasks;

/// <summary>
/// <c>bimanual</c>: two arms that face each other take a bar at its ends and lift it, level. Actions are joint targets and the
/// grippers' openings, left arm first.
/// </summary>
internal sealed class BarLift : SimulationTask
{
    private const double HalfLength = 0.12, HalfWidth = 0.018, GripFromCenter = 0.08;
    private const double Lifted = 0.15, LiftTo = 0.20, LevelWithin = 0.15; // m, m, rad
    private const double Lead = 0.012, YawLead = 0.12; // how far ahead of the tool a target is: its speed, by the servos' stiffness

    private static readonly Phrases Phrasing = new(
        ["lift the {0} bar with both arms", "pick up the {0} bar", "take the {0} bar at both ends and raise it", "raise the {0} bar off the table"],
        [.. Paint.All.Select(p => p.Name)]);

    private readonly Hand _left, _right;
    private readonly int _bar, _barGeom, _barPosition, _block, _blockGeom, _blockPosition;

    public BarLift() : base("bimanual", Mjcf())
    {
        _left = new Hand(Physics, "left_", side: 1);
        _right = new Hand(Physics, "right_", side: -1);
        (_bar, _barGeom, _barPosition) = (Physics.Body("bar"), Physics.Geom("bar"), Physics.Position("bar"));
        (_block, _blockGeom, _blockPosition) = (Physics.Body("block"), Physics.Geom("block"), Physics.Position("block"));
        Appearance.Vary("table", "floor");
    }

    public override string Spectator => "front";

    public override IReadOnlyList<float> Disturbance { get; } = [.. Enumerable.Repeat<float[]>([0.025f, 0.025f, 0.025f, 0.025f, 0.025f, 0.025f, 0], 2).SelectMany(h => h)];

    public override int MaxSteps => 200;

    public override bool TakesInstructions => true;

    public override bool TakesGoalImages => true;

    public override string GoalCamera => "image_high";

    public override IReadOnlyList<string> Instructions => Phrasing.All;

    /// <summary>Both hands hold the bar, high and level.</summary>
    public override bool IsDone =>
        Bar.Z > Lifted && Math.Abs(Math.Asin(Math.Clamp(Physics.BodyRotation(_bar)[7], -1, 1))) < LevelWithin && Holds(_left) && Holds(_right);

    /// <summary>The bar has fallen off the table.</summary>
    public override bool IsLost => Bar.Z < -0.05;

    public override double Reward => Math.Clamp((Bar.Z - HalfWidth) / (Lifted - HalfWidth), 0, 1);

    protected override Action BeforeForces => () =>
    {
        _left.Arm.CompensateGravity();
        _right.Arm.CompensateGravity();
    };

    private Vector3d Bar => Physics.BodyPosition(_bar);

    /// <summary>For each arm six joint angles in rad and the gripper from 0 (closed) to 1 (open), left first.</summary>
    public override float[] Proprioception(string key) => key == "proprio_bimanual" ? [.. State(_left), .. State(_right)] : base.Proprioception(key);

    public override float[] HoldAction() => [.. State(_left), .. State(_right)];

    public override float[] ExpertAction()
    {
        var lifts = Holds(_left) && Holds(_right);
        return [.. Expert(_left, _right, lifts), .. Expert(_right, _left, lifts)];
    }

    /// <summary>The bar in both hands, raised.</summary>
    public override void ShowGoal()
    {
        var raised = Bar with { Z = LiftTo };
        Physics.Place(_barPosition, raised, Physics.Yaw(_bar));
        Physics.Forward();
        foreach (var hand in (ReadOnlySpan<Hand>)[_left, _right])
            hand.Arm.Place(hand.Arm.Solve(GripPoint(hand), GripYaw(hand), hand.Arm.Joints, 100), 2 * HalfWidth);
    }

    public override void Dispose()
    {
        _left.Arm.Dispose();
        _right.Arm.Dispose();
        base.Dispose();
    }

    protected override void Randomize(Random random, SceneVariation variation)
    {
        var colors = Paint.Shuffled(random);
        Appearance.Paint(_barGeom, colors[0].For(variation));
        Appearance.Paint(_blockGeom, colors[1].For(variation));
        Instruction = Phrasing.Draw(random, colors[0].Name);
        Physics.Place(_barPosition, new(Draw(random, -0.05, 0.05), Draw(random, -0.04, 0.04), HalfWidth), Draw(random, -0.35, 0.35));
        Physics.Place(_blockPosition, new((random.Next(2) * 2 - 1) * Draw(random, 0.17, 0.24), Draw(random, -0.15, 0.15), 0.02), Draw(random, -0.7, 0.7));
        foreach (var hand in (ReadOnlySpan<Hand>)[_left, _right])
        {
            ReadOnlySpan<double> home = [0, -0.3, 1.9, 0, 1.54, 0];
            var tool = new Vector3d(Draw(random, -0.05, 0.05), hand.Side * Draw(random, 0.11, 0.17), Draw(random, 0.13, 0.2));
            hand.Arm.Place(hand.Arm.Solve(tool, -hand.Side * Math.PI / 2 + Draw(random, -0.2, 0.2), home, 100), Arm.OpenGap);
        }
    }

    protected override void BeginAction(ReadOnlySpan<float> action)
    {
        Command(_left, action[..7]);
        Command(_right, action[7..]);
    }

    private static float[] State(Hand hand) => [.. hand.Arm.Joints.Select(q => (float)q), (float)(hand.Arm.Gap / Arm.OpenGap)];

    private static void Command(Hand hand, ReadOnlySpan<float> action)
    {
        Span<double> joints = stackalloc double[ArmModel.JointCount];
        for (var i = 0; i < joints.Length; i++)
            joints[i] = action[i];
        hand.Arm.Command(joints, action[6] * Arm.OpenGap);
    }

    private bool Holds(Hand hand) => Physics.Touch(hand.FirstFinger, [_barGeom]) && Physics.Touch(hand.SecondFinger, [_barGeom]);

    private Vector3d GripPoint(Hand hand)
    {
        var rotation = Physics.BodyRotation(_bar);
        return Bar + hand.Side * GripFromCenter * new Vector3d(rotation[1], rotation[4], rotation[7]);
    }

    private double GripYaw(Hand hand) => Angles.Nearest(Physics.Yaw(_bar), 2) - hand.Side * Math.PI / 2;

    private float[] Expert(Hand hand, Hand other, bool lifts)
    {
        var (tool, grip) = (hand.Arm.Tool, GripPoint(hand));
        var turn = Angles.Wrap(GripYaw(hand) - hand.Arm.Yaw);
        if (lifts)
        {
            // Neither arm runs ahead of the other: the bar stays level.
            var rise = Math.Min(LiftTo - tool.Z, other.Arm.Tool.Z + Lead - tool.Z);
            return Target(hand, (grip - tool) with { Z = rise }, turn, open: false);
        }

        var grasp = grip with { Z = Math.Max(grip.Z, HalfWidth) - 0.002 };
        var (way, closes) = Descent.ToGrasp(tool, grasp, turn, near: 0.01, aligned: 0.2);
        return Target(hand, closes && Holds(hand) ? default : way, turn, open: !closes);
    }

    private static float[] Target(Hand hand, Vector3d way, double turn, bool open)
    {
        const int iterations = 4; // from where the arm is, a centimetre away
        var arm = hand.Arm;
        var joints = arm.Solve(arm.Tool + way.Limit(Lead), arm.Yaw + Math.Clamp(turn, -YawLead, YawLead), arm.Joints, iterations);
        return [.. joints.Select(q => (float)q), open ? 1 : 0];
    }

    private static string Mjcf()
    {
        var ((leftTendon, leftEquality), (rightTendon, rightEquality)) = (GripperModel.Coupling("left_"), GripperModel.Coupling("right_"));
        return Scenery.Model(ArmModel.Options, ArmModel.Defaults, $"""
            <light pos="0 0 2.5" dir="0 0 -1" diffuse=".5 .5 .5"/>
            <geom name="floor" type="plane" size="2 2 .1" pos="0 0 -.4" material="grid"/>
            <geom name="table" type="box" size=".35 .6 .02" pos="0 0 -.02" rgba=".55 .42 .3 1"/>
            <camera name="high" pos="0 0 .9" xyaxes="0 -1 0 1 0 0" fovy="48"/>
            <camera name="front" pos=".9 0 .6" xyaxes="0 1 0 -.6 0 .8" fovy="60"/>
            {ArmModel.Body("left_", "0 .45 0", ".7071068 0 0 -.7071068", ".2 .5 .9 1")}
            {ArmModel.Body("right_", "0 -.45 0", ".7071068 0 0 .7071068", ".9 .45 .1 1")}
            <body name="bar"><freejoint name="bar"/>
              <geom name="bar" type="box" size="{HalfWidth} {HalfLength} {HalfWidth}" mass=".12" friction="1.5 .02 .0001" condim="4"/>
            </body>
            <body name="block"><freejoint name="block"/><geom name="block" type="box" size=".02 .02 .02" mass=".05"/></body>
            """, $"""
            <tendon>{leftTendon}{rightTendon}</tendon><equality>{leftEquality}{rightEquality}</equality>
            <actuator>{ArmModel.Actuators("left_")}{ArmModel.Actuators("right_")}</actuator>
            """);
    }

    /// <summary>An arm and its half of the bar.</summary>
    private sealed class Hand(Physics physics, string prefix, int side)
    {
        public Arm Arm { get; } = new(physics, prefix, ArmModel.JointCount);

        /// <summary>1: it stands at y &gt; 0, and takes the bar's end there. −1: the other.</summary>
        public int Side => side;

        public int[] FirstFinger { get; } = [physics.Geom(prefix + "left")];

        public int[] SecondFinger { get; } = [physics.Geom(prefix + "right")];
    }
}
