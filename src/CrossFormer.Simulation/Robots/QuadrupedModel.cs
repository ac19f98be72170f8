namespace CrossFormer.Simulation.Robots;

/// <summary>A robot with four legs of three joints. Legs are named in the order of its actions.</summary>
internal static class QuadrupedModel
{
    public const double ThighLength = 0.2, CalfLength = 0.2, HipWidth = 0.08, FootRadius = 0.022;

    /// <summary>Names, and the side of the body that the hip is on: forward and left are 1.</summary>
    public static readonly (string Name, int Forward, int Left)[] Legs =
        [("front_right", 1, -1), ("front_left", 1, 1), ("rear_right", -1, -1), ("rear_left", -1, 1)];

    /// <summary>The joints of all legs, leg by leg: hip, thigh, calf.</summary>
    public static IEnumerable<string> Joints => Legs.SelectMany(l => Kinds.Select(k => $"{l.Name}_{k.Name}"));

    /// <summary>Where hips are from the body's centre.</summary>
    public const double HipForward = 0.19, HipLeft = 0.05;

    private static readonly (string Name, string Range, string Force)[] Kinds = [("hip", "-.9 .9", "24"), ("thigh", "-1.2 2.8", "24"), ("calf", "-2.7 -.3", "30")];

    public const string Options = """timestep=".004" cone="elliptic" impratio="10" """;

    public const string Defaults = """<joint damping="2.5" armature=".01" frictionloss=".1"/>""";

    public static string Body() => $"""
        <body name="torso" pos="0 0 .34"><freejoint name="torso"/>
          <camera name="beside" mode="trackcom" pos="-.9 -1.1 .6" xyaxes=".77 -.63 0 .25 .3 .92" fovy="55"/>
          <geom name="torso" type="box" size=".2 .07 .05" mass="6" rgba=".8 .8 .8 1"/>
          {string.Concat(Legs.Select(l => Leg(l.Name, l.Forward, l.Left)))}
        </body>
        """;

    public static string Actuators() => string.Concat(Legs.SelectMany(l => Kinds.Select(k =>
        $"""<position name="{l.Name}_{k.Name}" joint="{l.Name}_{k.Name}" kp="150" ctrlrange="{k.Range}" forcerange="-{k.Force} {k.Force}"/>""")));

    private static string Leg(string name, int forward, int left) => $"""
        <body pos="{forward * HipForward} {left * HipLeft} 0"><joint name="{name}_hip" axis="1 0 0" range="{Kinds[0].Range}"/>
          <geom type="capsule" fromto="0 0 0 0 {left * HipWidth} 0" size=".03" mass=".6" rgba=".2 .2 .2 1"/>
          <body pos="0 {left * HipWidth} 0"><joint name="{name}_thigh" axis="0 1 0" range="{Kinds[1].Range}"/>
            <geom type="capsule" fromto="0 0 0 0 0 -{ThighLength}" size=".022" mass=".9" rgba=".9 .6 .1 1"/>
            <body pos="0 0 -{ThighLength}"><joint name="{name}_calf" axis="0 1 0" range="{Kinds[2].Range}"/>
              <geom type="capsule" fromto="0 0 0 0 0 -{CalfLength}" size=".015" mass=".15" rgba=".2 .2 .2 1"/>
              <geom type="sphere" size="{FootRadius}" pos="0 0 -{CalfLength}" mass=".06" friction="1 .02 .001" condim="3" priority="1" rgba=".1 .1 .1 1"/>
            </body>
          </body>
        </body>
        """;
}
