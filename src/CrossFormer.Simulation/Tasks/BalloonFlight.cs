using CrossFormer.Simulation.Robots;

namespace CrossFormer.Simulation.Tasks;

/// <summary>
/// <c>quadcopter</c>: fly to the balloon on the goal image, one of three in sight, and hover before it. Actions are waypoints in
/// the plane; the flight controller holds the height and turns the nose where the drone goes.
/// </summary>
internal sealed unsafe class BalloonFlight : WaypointTask
{
    private const int Balloons = 3;
    private const double Height = 1.2, Radius = 0.25;

    private static readonly Paint[] Colors =
    [
        new("red", (.85f, .1f, .1f), (.6f, .05f, .2f)),
        new("green", (.1f, .65f, .15f), (.35f, .8f, .3f)),
        new("blue", (.1f, .25f, .85f), (.3f, .5f, .95f)),
        new("yellow", (.95f, .85f, .1f), (.8f, .65f, .05f)),
    ];

    private static readonly Phrases Phrasing = new(["fly to the {0} balloon", "hover before the {0} balloon", "go to the {0} balloon"], [.. Colors.Select(c => c.Name)]);

    private readonly int _position, _velocity;
    private readonly int[] _balloons, _poles;
    private readonly FlightController _controller;
    private Vector3d _wanted;
    private double _turn;

    public BalloonFlight() : base(
        "quadcopter", Mjcf(), "drone", Balloons, new Approach(StandOff: 1, Clearance: 0.6, Share: 0.35, MaxStep: 0.3), new Arrival(radius: 0.5, stillness: 0.08, steps: 4))
    {
        (_position, _velocity) = (Physics.Position("drone"), Physics.Velocity("drone"));
        _balloons = [.. Enumerable.Range(0, Balloons).Select(i => Physics.Geom($"balloon{i}"))];
        _poles = [.. Enumerable.Range(0, Balloons).Select(i => Physics.Geom($"pole{i}"))];
        _controller = new FlightController(Physics, Body, _velocity);
        Appearance.Vary("floor");
    }

    public override string Spectator => "chase";

    public override IReadOnlyList<float> Disturbance { get; } = [0.12f, 0.12f];

    public override int MaxSteps => 80;

    public override IReadOnlyList<string> Instructions => Phrasing.All;

    /// <summary>It has come down, or lies on its side.</summary>
    public override bool IsLost => Here.Z < 0.2 || Physics.BodyRotation(Body)[8] < 0.2;

    /// <summary>The drone at the goal, facing the balloon.</summary>
    public override void ShowGoal()
    {
        Physics.Place(_position, Goal, GoalYaw);
        Physics.Velocities.Slice(_velocity, 6).Clear();
    }

    protected override void Randomize(Random random, SceneVariation variation)
    {
        const double sector = 0.5, aside = 0.17, look = 0.3, drift = 0.3;
        // The world has no marks of its own: any heading may be the first.
        var heading = Draw(random, -Math.PI, Math.PI);
        var start = new Vector3d(Draw(random, -1, 1), Draw(random, -1, 1), Height + Draw(random, -0.1, 0.1));
        Paint[] colors = [.. Colors];
        random.Shuffle(colors);
        for (var i = 0; i < Balloons; i++)
        {
            var bearing = heading + (i - 1) * sector + Draw(random, -0.3, 0.3) * sector;
            Places[i] = (start + Draw(random, 2.2, 4.2) * Vector3d.Heading(bearing)) with { Z = Height };
            Move(_balloons[i], Places[i]);
            Move(_poles[i], Places[i] with { Z = Height / 2 });
            Appearance.Paint(_balloons[i], colors[i].For(variation));
        }

        var target = random.Next(Balloons);
        Choose(target, from: start, Draw(random, -aside, aside));
        Instruction = Phrasing.Draw(random, colors[target].Name);
        Physics.Place(_position, start, heading + Draw(random, -look, look));
        (Physics.Velocities[_velocity], Physics.Velocities[_velocity + 1]) = (Draw(random, -drift, drift), Draw(random, -drift, drift));
        Begin(start);
    }

    protected override void BeginAction(ReadOnlySpan<float> action)
    {
        var waypoint = new Vector3d(action[0], action[1], 0);
        _wanted = 1 / Profile.Period.TotalSeconds * waypoint.SeenFrom(-Yaw);
        _turn = Waypoint.TurnRate(waypoint, gain: 1.5, limit: 1.5, certain: 0.15);
    }

    protected override void BeforeStep(double progress) => _controller.Fly(_wanted.X, _wanted.Y, _turn, Height);

    private void Move(int geom, Vector3d to)
    {
        var at = Physics.Model->geom_pos + 3 * geom;
        (at[0], at[1], at[2]) = (to.X, to.Y, to.Z);
    }

    private static string Mjcf()
    {
        const string arm = ".13";
        // Not at the origin: what coincides with its body's frame cannot be moved later.
        var balloons = string.Concat(Enumerable.Range(0, Balloons).Select(i => $"""
            <geom name="balloon{i}" type="sphere" size="{Radius}" pos="1 0 {Height}"/><geom name="pole{i}" type="cylinder" size=".02 {Height / 2}" pos="1 0 {Height / 2}" rgba=".3 .3 .3 1"/>
            """));
        (string X, string Y, string Turn, string Color)[] rotors =
            [($"{arm}", $"{arm}", "", ".8 .2 .2 .7"), ($"-{arm}", $"{arm}", "-", ".2 .2 .8 .7"), ($"-{arm}", $"-{arm}", "", ".2 .2 .8 .7"), ($"{arm}", $"-{arm}", "-", ".8 .2 .2 .7")];
        return Scenery.Model("""timestep=".005" integrator="implicit" density="1.2" viscosity="1.8e-5" """, "", $"""
            <light pos="0 0 8" dir="0 0 -1" diffuse=".6 .6 .6"/>
            <geom name="floor" type="plane" size="15 15 .1" material="grid"/>
            {balloons}
            <body name="drone" pos="0 0 1"><freejoint name="drone"/>
              <inertial pos="0 0 0" mass="{FlightController.Mass}" diaginertia=".006 .006 .011"/>
              <geom type="box" size=".06 .06 .025" rgba=".15 .15 .15 1" mass="0"/>
              <geom type="capsule" fromto="-{arm} -{arm} 0 {arm} {arm} 0" size=".01" rgba=".3 .3 .3 1" mass="0"/>
              <geom type="capsule" fromto="-{arm} {arm} 0 {arm} -{arm} 0" size=".01" rgba=".3 .3 .3 1" mass="0"/>
              {string.Concat(rotors.Select((r, i) => $"""
                  <geom type="cylinder" size=".07 .004" pos="{r.X} {r.Y} .015" rgba="{r.Color}" mass="0"/><site name="rotor{i}" pos="{r.X} {r.Y} 0"/>
                  """))}
              <camera name="ego" pos=".25 0 0" xyaxes="0 -1 0 .1 0 1" fovy="90"/>
              <camera name="chase" pos="-1.2 0 .6" xyaxes="0 -1 0 .4 0 1" fovy="60"/>
            </body>
            """, $"""
            <actuator>{string.Concat(rotors.Select((r, i) => $"""<motor site="rotor{i}" gear="0 0 1 0 0 {r.Turn}{FlightController.TorquePerThrust}" ctrlrange="0 6"/>"""))}</actuator>
            """);
    }
}
