using CrossFormer.Simulation.Robots;

namespace CrossFormer.Simulation.Tasks;

/// <summary>
/// <c>nav</c>: a wheeled robot in a room with landmarks drives to where the goal image was taken, before one of them, and
/// stops. Actions are waypoints.
/// </summary>
internal sealed unsafe class RoomNavigation : WaypointTask
{
    private const double HalfRoom = 2.5, Clearance = 0.42, BesideWall = 0.5;
    private const double WheelRadius = 0.1, HalfAxle = 0.17, MaxTurn = 1.6;

    private static readonly Paint[] Landmarks =
    [
        new("red pillar", (.8f, .12f, .12f), (.6f, .05f, .2f)),
        new("blue box", (.15f, .25f, .8f), (.3f, .5f, .9f)),
        new("green pillar", (.1f, .6f, .15f), (.35f, .75f, .3f)),
        new("purple box", (.55f, .15f, .65f), (.75f, .4f, .8f)),
        new("orange pillar", (.95f, .5f, .05f), (.8f, .6f, .2f)),
    ];

    // Where the landmarks stand: few layouts, so that the room can be known.
    private static readonly (double X, double Y)[][] Layouts =
    [
        [(1.5, 1.3), (-1.4, 1.5), (-1.5, -1.3), (1.4, -1.5), (0, 0)],
        [(0, 1.6), (-1.6, 0.2), (0.1, -1.6), (1.6, -0.3), (0.2, 0.1)],
        [(1.5, 0.4), (0.2, 1.5), (-1.5, 0.8), (-1.0, -1.4), (0.7, -1.2)],
    ];

    private static readonly Phrases Phrasing = new(
        ["drive to the {0}", "go to the {0} and stop", "stop in front of the {0}"], [.. Landmarks.Select(l => l.Name)]);

    private readonly int _position, _leftWheel, _rightWheel;
    private readonly int[] _landmarks;

    public RoomNavigation() : base(
        "nav", Mjcf(), "base", Landmarks.Length, new Approach(StandOff: 0.8, Clearance, Share: 0.6, MaxStep: 0.12), new Arrival(radius: 0.4, stillness: 0.03, steps: 4))
    {
        _position = Physics.Position("base");
        (_leftWheel, _rightWheel) = (Physics.Actuator("left_wheel"), Physics.Actuator("right_wheel"));
        _landmarks = [.. Enumerable.Range(0, Landmarks.Length).Select(i => Physics.Geom($"landmark{i}"))];
        Appearance.Vary("floor");
    }

    public override string Spectator => "above";

    public override IReadOnlyList<float> Disturbance { get; } = [0.05f, 0.05f];

    public override int MaxSteps => 60;

    public override IReadOnlyList<string> Instructions => Phrasing.All;

    /// <summary>The robot at the goal, facing the landmark.</summary>
    public override void ShowGoal() => Physics.Place(_position, Goal with { Z = WheelRadius }, GoalYaw);

    protected override void Randomize(Random random, SceneVariation variation)
    {
        const double jitter = 0.08, aside = 0.2, look = 0.8;
        var layout = Draw(random, Layouts);
        for (var i = 0; i < Places.Length; i++)
        {
            Places[i] = new(layout[i].X + Draw(random, -jitter, jitter), layout[i].Y + Draw(random, -jitter, jitter), 0);
            var at = Physics.Model->geom_pos + 3 * _landmarks[i];
            (at[0], at[1]) = (Places[i].X, Places[i].Y);
            Appearance.Paint(_landmarks[i], Landmarks[i].For(variation));
        }

        Vector3d start;
        int target;
        do
        {
            target = random.Next(Places.Length);
            start = Anywhere(random);
            Choose(target, from: start, Draw(random, -aside, aside));
        }
        while (!IsFree(start) || !IsFree(Goal) || (start - Goal).Horizontal is < 1.3 or > 3);
        Instruction = Phrasing.Draw(random, Landmarks[target].Name);
        var way = Goal - start;
        Physics.Place(_position, start with { Z = WheelRadius }, Math.Atan2(way.Y, way.X) + Draw(random, -look, look));
        Begin(start);
    }

    protected override void BeginAction(ReadOnlySpan<float> action)
    {
        var waypoint = new Vector3d(action[0], action[1], 0);
        var ahead = waypoint.Length > 0 ? waypoint.X / waypoint.Length : 0;
        var speed = waypoint.Length / Profile.Period.TotalSeconds * Math.Max(0, ahead);
        var turn = Waypoint.TurnRate(waypoint, gain: 2, MaxTurn, certain: 0.08);
        Physics.Controls[_leftWheel] = (speed - turn * HalfAxle) / WheelRadius;
        Physics.Controls[_rightWheel] = (speed + turn * HalfAxle) / WheelRadius;
    }

    private static Vector3d Anywhere(Random random)
    {
        const double half = HalfRoom - BesideWall;
        return new(Draw(random, -half, half), Draw(random, -half, half), 0);
    }

    private bool IsFree(Vector3d place) =>
        Math.Max(Math.Abs(place.X), Math.Abs(place.Y)) < HalfRoom - BesideWall && Places.All(p => (p - place).Horizontal > 1.2 * Clearance);

    private static string Mjcf()
    {
        var landmarks = string.Concat(Landmarks.Select((l, i) => l.Name.EndsWith("box", StringComparison.Ordinal)
            ? $"""<geom name="landmark{i}" type="box" size=".15 .15 .35" pos="0 0 .35"/>"""
            : $"""<geom name="landmark{i}" type="cylinder" size=".15 .35" pos="0 0 .35"/>"""));
        return Scenery.Model("""timestep=".005" """, "", $"""
            <light pos="0 0 6" dir="0 0 -1" diffuse=".6 .6 .6"/>
            <geom name="floor" type="plane" size="5 5 .1" material="grid"/>
            <geom type="box" size="{HalfRoom} .05 .5" pos="0 {HalfRoom} .5" rgba=".85 .6 .6 1"/>
            <geom type="box" size="{HalfRoom} .05 .5" pos="0 -{HalfRoom} .5" rgba=".6 .85 .65 1"/>
            <geom type="box" size=".05 {HalfRoom} .5" pos="{HalfRoom} 0 .5" rgba=".6 .65 .9 1"/>
            <geom type="box" size=".05 {HalfRoom} .5" pos="-{HalfRoom} 0 .5" rgba=".9 .88 .55 1"/>
            {landmarks}
            <camera name="above" pos="0 0 5.5" xyaxes="1 0 0 0 1 0" fovy="55"/>
            <body name="base" pos="0 0 .1"><freejoint name="base"/>
              <geom type="box" size=".2 .14 .05" pos="0 0 .02" mass="6" rgba=".2 .2 .2 1"/>
              <geom type="cylinder" size=".06 .04" pos="-.05 0 .1" mass=".3" rgba=".9 .8 .1 1"/>
              <geom type="sphere" size=".03" pos=".17 0 -.066" mass=".1" friction="0 0 0" condim="1"/>
              <geom type="sphere" size=".03" pos="-.17 0 -.066" mass=".1" friction="0 0 0" condim="1"/>
              <camera name="ego" pos=".2 0 .2" xyaxes="0 -1 0 .1 0 1" fovy="90"/>
              <body pos="0 {HalfAxle} 0"><joint name="left_wheel" axis="0 1 0" damping=".01" armature=".01"/>
                <geom type="cylinder" size="{WheelRadius} .025" zaxis="0 1 0" mass=".5" friction="1.2 .01 .001" rgba=".1 .1 .1 1"/></body>
              <body pos="0 -{HalfAxle} 0"><joint name="right_wheel" axis="0 1 0" damping=".01" armature=".01"/>
                <geom type="cylinder" size="{WheelRadius} .025" zaxis="0 1 0" mass=".5" friction="1.2 .01 .001" rgba=".1 .1 .1 1"/></body>
            </body>
            """, """
            <actuator>
              <velocity name="left_wheel" joint="left_wheel" kv="3" ctrlrange="-15 15" forcerange="-6 6"/>
              <velocity name="right_wheel" joint="right_wheel" kv="3" ctrlrange="-15 15" forcerange="-6 6"/>
            </actuator>
            """);
    }
}
