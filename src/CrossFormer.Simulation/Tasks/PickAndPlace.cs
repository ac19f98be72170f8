using CrossFormer.Simulation.Robots;

namespace CrossFormer.Simulation.Tasks;

/// <summary>
/// <c>single_arm</c>: put the block of the named colour, one of three on the table, onto the plate; or make the table look as
/// on the goal image. An action moves the tool from where it is.
/// </summary>
internal sealed unsafe class PickAndPlace : SimulationTask
{
    private const int Blocks = 3;
    private const double HalfSize = 0.019, PlateRadius = 0.06, OnPlate = 0.04, Withdrawn = 0.10, Rest = 0.02;
    private const double MaxMove = 0.05, MaxTurn = 0.3; // of the profile's limits
    private const int StepsPerSolution = 10; // physics steps between solutions of the inverse kinematics

    private static readonly Vector3d Brick = new(HalfSize, 0.015, 0.0145); // half sizes, of the unseen variation

    private static readonly Phrases Phrasing = new(
        ["put the {0} block on the plate", "place the {0} block on the plate", "pick up the {0} block and put it on the plate", "move the {0} block onto the plate"],
        [.. Paint.All.Select(p => p.Name)]);

    private readonly Arm _arm;
    private readonly int[] _bodies, _geoms, _positions, _velocities, _leftFinger, _rightFinger;
    private readonly int _plate;
    private int _target;
    private Vector3d _from, _move;
    private double _fromYaw, _turn, _gap = Arm.OpenGap;
    private int _step;

    public PickAndPlace() : base("single_arm", Mjcf())
    {
        _arm = new Arm(Physics, "", ArmModel.JointCount);
        _bodies = [.. Enumerable.Range(0, Blocks).Select(i => Physics.Body($"block{i}"))];
        _geoms = [.. Enumerable.Range(0, Blocks).Select(i => Physics.Geom($"block{i}"))];
        _positions = [.. Enumerable.Range(0, Blocks).Select(i => Physics.Position($"block{i}"))];
        _velocities = [.. Enumerable.Range(0, Blocks).Select(i => Physics.Velocity($"block{i}"))];
        (_leftFinger, _rightFinger) = ([Physics.Geom("left")], [Physics.Geom("right")]);
        _plate = Physics.Geom("plate");
        Appearance.Vary("table", "floor", "plate");
    }

    public override string Spectator => "front";

    public override IReadOnlyList<float> Disturbance { get; } = [0.025f, 0.025f, 0.025f, 0, 0, 0.12f, 0.6f];

    public override int MaxSteps => 70;

    public override bool TakesInstructions => true;

    public override bool TakesGoalImages => true;

    public override string GoalCamera => "image_primary";

    public override IReadOnlyList<string> Instructions => Phrasing.All;

    /// <summary>The block lies on the plate, still and let go, and the arm has withdrawn.</summary>
    public override bool IsDone =>
        IsOnPlate && new Vector3d(Velocity[0], Velocity[1], Velocity[2]).Length < Rest && !IsHeld && _arm.Tool.Z > Withdrawn;

    /// <summary>The block has fallen off the table.</summary>
    public override bool IsLost => Block.Z < -0.05;

    public override double Reward => 0.5 * Near(_arm.Tool - Block) + 0.5 * Near(Block - Plate);

    protected override Action BeforeForces => _arm.CompensateGravity;

    private Vector3d Block => Physics.BodyPosition(_bodies[_target]);

    private Vector3d Plate => new(Physics.Model->geom_pos[3 * _plate], Physics.Model->geom_pos[3 * _plate + 1], HalfSize);

    private ReadOnlySpan<double> Velocity => Physics.Velocities.Slice(_velocities[_target], 6);

    private bool IsOnPlate => (Block - Plate).Horizontal < OnPlate && Block.Z < 1.5 * HalfSize;

    private bool IsHeld => Physics.Touch(_leftFinger, [_geoms[_target]]) && Physics.Touch(_rightFinger, [_geoms[_target]]);

    /// <summary>Tool position x, y, z (m), sine and cosine of its yaw, and the fingers' distance from 0 (closed) to 1.</summary>
    public override float[] Proprioception(string key)
    {
        if (key != "proprio_single_arm")
            return base.Proprioception(key);
        var (tool, yaw) = (_arm.Tool, _arm.Yaw);
        return [(float)tool.X, (float)tool.Y, (float)tool.Z, (float)Math.Sin(yaw), (float)Math.Cos(yaw), (float)(_arm.Gap / Arm.OpenGap)];
    }

    public override float[] HoldAction() => [0, 0, 0, 0, 0, 0, _gap > 0 ? 1 : 0];

    public override float[] ExpertAction()
    {
        const double near = 0.012, low = 0.008, wide = 0.9 * Arm.OpenGap;
        var tool = _arm.Tool;
        if (IsHeld)
        {
            var place = Descent.Toward(tool, Plate + new Vector3d(0, 0, 0.004) + (tool - Block));
            var isThere = IsOnPlate && (Block - Plate).Horizontal < near && Block.Z - HalfSize < low;
            return Action(isThere ? default : place, 0, open: isThere);
        }

        if (IsOnPlate)
            return Action(_arm.Gap < wide && tool.Z < 2 * HalfSize ? default : new(0, 0, Withdrawn + 0.04 - tool.Z), 0, open: true);

        var turn = Angles.Nearest(Physics.Yaw(_bodies[_target]), 4) - _arm.Yaw;
        var grasp = new Vector3d(Block.X, Block.Y, Math.Max(Block.Z - 0.004, 0.016));
        var (way, closes) = Descent.ToGrasp(tool, grasp, turn, near, aligned: 0.25);
        return Action(way, turn, open: !closes);
    }

    public override int Choices => Blocks;

    public override float[] ActionFor(int choice)
    {
        var meant = _target;
        _target = choice;
        var action = ExpertAction();
        _target = meant;
        return action;
    }

    /// <summary>The block on the plate, the open hand above it.</summary>
    public override void ShowGoal()
    {
        Physics.Place(_positions[_target], Plate, 0);
        _arm.Place(_arm.Solve(Plate with { Z = Withdrawn + 0.04 }, 0, _arm.Joints), Arm.OpenGap);
    }

    public override void Dispose()
    {
        _arm.Dispose();
        base.Dispose();
    }

    protected override void Randomize(Random random, SceneVariation variation)
    {
        const double apart = 0.095, fromPlate = 0.13;
        var places = Scatter(random, apart, fromPlate);
        (Physics.Model->geom_pos[3 * _plate], Physics.Model->geom_pos[3 * _plate + 1]) = (places[0].X, places[0].Y);
        var colors = Paint.Shuffled(random);
        for (var i = 0; i < Blocks; i++)
        {
            Appearance.Paint(_geoms[i], colors[i].For(variation));
            var size = variation == SceneVariation.Unseen ? Brick : new Vector3d(HalfSize, HalfSize, HalfSize);
            var half = Physics.Model->geom_size + 3 * _geoms[i];
            (half[0], half[1], half[2]) = (size.X, size.Y, size.Z);
            Physics.Place(_positions[i], places[i + 1] with { Z = size.Z }, Draw(random, -0.5, 0.5));
        }

        _target = random.Next(Blocks);
        Instruction = Phrasing.Draw(random, colors[_target].Name);
        var tool = new Vector3d(Draw(random, 0.24, 0.40), Draw(random, -0.15, 0.15), Draw(random, 0.13, 0.2));
        ReadOnlySpan<double> home = [0, -0.3, 1.9, 0, 1.54, 0];
        _arm.Place(_arm.Solve(tool, Draw(random, -0.3, 0.3), home, 100), Arm.OpenGap);
        _gap = Arm.OpenGap;
    }

    protected override void BeginAction(ReadOnlySpan<float> action)
    {
        (_from, _fromYaw) = (_arm.Tool, _arm.Yaw);
        // Roll and pitch, [3] and [4], are those of the tool that hangs straight down.
        (_move, _turn) = (new(action[0], action[1], action[2]), action[5]);
        _gap = Arm.Grip(action[6], _gap);
        _step = 0;
    }

    protected override void BeforeStep(double progress)
    {
        // The turn is a solution behind the move: by the action's end the hand is told 82 % of it. Next time demonstrations are made anew,
        // and policies with them, it may lead as well.
        if (_step++ % StepsPerSolution == 0)
            _arm.Command(_arm.Solve(_from + Math.Min(1, progress + (double)StepsPerSolution / StepsPerAction) * _move, _fromYaw + progress * _turn, _arm.Joints, 8), _gap);
    }

    private static float[] Action(Vector3d way, double turn, bool open)
    {
        var move = way.Limit(MaxMove);
        return [(float)move.X, (float)move.Y, (float)move.Z, 0, 0, (float)Math.Clamp(turn, -MaxTurn, MaxTurn), open ? 1 : 0];
    }

    // The plate's place, then the blocks': on the table, within reach, apart.
    private static Vector3d[] Scatter(Random random, double apart, double fromPlate)
    {
        while (true)
        {
            Vector3d[] places = [.. Enumerable.Range(0, Blocks + 1).Select(_ => new Vector3d(Draw(random, 0.24, 0.42), Draw(random, -0.2, 0.2), HalfSize))];
            var isApart = Enumerable.Range(0, Blocks + 1).All(i => Enumerable.Range(0, i).All(j => (places[i] - places[j]).Horizontal > (j == 0 ? fromPlate : apart)));
            if (isApart)
                return places;
        }
    }

    private static string Mjcf()
    {
        var (tendon, equality) = GripperModel.Coupling("");
        var blocks = string.Concat(Enumerable.Range(0, Blocks).Select(i => $"""
            <body name="block{i}"><freejoint name="block{i}"/>
              <geom name="block{i}" type="box" size="{HalfSize} {HalfSize} {HalfSize}" mass=".05" friction="1.5 .02 .0001" condim="4"/>
            </body>
            """));
        return Scenery.Model(ArmModel.Options, ArmModel.Defaults, $"""
            <light pos="0 0 2.5" dir="0 0 -1" diffuse=".5 .5 .5"/>
            <geom name="floor" type="plane" size="2 2 .1" pos="0 0 -.4" material="grid"/>
            <geom name="table" type="box" size=".4 .5 .02" pos=".35 0 -.02" rgba=".55 .42 .3 1"/>
            <geom name="plate" type="cylinder" size="{PlateRadius} .0015" pos=".3 .2 .0015" rgba=".92 .92 .9 1" contype="0" conaffinity="0"/>
            <camera name="front" pos=".92 0 .56" xyaxes="0 1 0 -.68 0 .73" fovy="42"/>
            {ArmModel.Body("", "0 0 0", "1 0 0 0", ".9 .45 .1 1")}
            {blocks}
            """, $"<tendon>{tendon}</tendon><equality>{equality}</equality><actuator>{ArmModel.Actuators("")}</actuator>");
    }
}
