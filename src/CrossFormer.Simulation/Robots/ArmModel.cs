namespace CrossFormer.Simulation.Robots;

/// <summary>An arm with six joints and a parallel gripper with its camera. Names begin with a prefix, so that a world can hold two.</summary>
internal static class ArmModel
{
    public const int JointCount = 6;

    /// <summary>Time step, contact model: what grasping needs.</summary>
    public const string Options = """timestep=".004" integrator="implicit" cone="elliptic" impratio="10" """;

    public const string Defaults = """<joint damping="6" armature=".05"/><geom solimp=".95 .99 .001"/>""";

    /// <param name="prefix">What the arm's names begin with.</param>
    /// <param name="position">Where the base stands.</param>
    /// <param name="quaternion">How it is turned, w x y z; the arm reaches along its x axis.</param>
    /// <param name="color">Of the links, r g b a.</param>
    public static string Body(string prefix, string position, string quaternion, string color) => $"""
        <body name="{prefix}base" pos="{position}" quat="{quaternion}">
          <geom type="cylinder" size=".06 .05" pos="0 0 .05" rgba=".2 .2 .2 1"/>
          <body pos="0 0 .1"><joint name="{prefix}j1" axis="0 0 1" range="-3 3"/>
            <geom type="cylinder" size=".045 .04" pos="0 0 .04" rgba="{color}" mass="1"/>
            <body pos="0 0 .08"><joint name="{prefix}j2" axis="0 1 0" range="-1.9 1.9"/>
              <geom type="capsule" fromto="0 0 0 0 0 .28" size=".03" rgba="{color}" mass=".8"/>
              <body pos="0 0 .28"><joint name="{prefix}j3" axis="0 1 0" range="-.1 2.7"/>
                <geom type="capsule" fromto="0 0 0 0 0 .14" size=".026" rgba=".85 .85 .85 1" mass=".4"/>
                <body pos="0 0 .14"><joint name="{prefix}j4" axis="0 0 1" range="-3.1 3.1"/>
                  <geom type="capsule" fromto="0 0 0 0 0 .12" size=".024" rgba="{color}" mass=".3"/>
                  <body pos="0 0 .12"><joint name="{prefix}j5" axis="0 1 0" range="-2 2"/>
                    <geom type="capsule" fromto="0 0 0 0 0 .05" size=".022" rgba=".85 .85 .85 1" mass=".2"/>
                    <body pos="0 0 .05"><joint name="{prefix}j6" axis="0 0 1" range="-3.1 3.1"/>
                      {GripperModel.Body(prefix)}
                    </body>
                  </body>
                </body>
              </body>
            </body>
          </body>
        </body>
        """;

    /// <summary>Position servos of the joints, then of the gripper.</summary>
    public static string Actuators(string prefix) => $"""
        <position name="{prefix}j1" joint="{prefix}j1" kp="120" ctrlrange="-3 3" forcerange="-60 60"/>
        <position name="{prefix}j2" joint="{prefix}j2" kp="250" ctrlrange="-1.9 1.9" forcerange="-80 80"/>
        <position name="{prefix}j3" joint="{prefix}j3" kp="200" ctrlrange="-.1 2.7" forcerange="-60 60"/>
        <position name="{prefix}j4" joint="{prefix}j4" kp="60" ctrlrange="-3.1 3.1" forcerange="-20 20"/>
        <position name="{prefix}j5" joint="{prefix}j5" kp="60" ctrlrange="-2 2" forcerange="-20 20"/>
        <position name="{prefix}j6" joint="{prefix}j6" kp="30" ctrlrange="-3.1 3.1" forcerange="-10 10"/>
        {GripperModel.Actuator(prefix)}
        """;
}
