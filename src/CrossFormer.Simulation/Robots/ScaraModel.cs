namespace CrossFormer.Simulation.Robots;

/// <summary>A SCARA arm: two links that turn in a horizontal plane, a quill that slides and turns at their end, and a parallel gripper.</summary>
internal static class ScaraModel
{
    /// <summary>Shoulder, elbow, slide, wrist.</summary>
    public const int JointCount = 4;

    /// <summary>The arm at the world's origin, which reaches along x. The slide's position is the tool's height above the ground.</summary>
    public static string Body { get; } = $"""
        <body name="base">
          <geom type="cylinder" size=".06 .15" pos="0 0 .15" rgba=".25 .27 .3 1"/>
          <body pos="0 0 .34"><joint name="j1" axis="0 0 1" range="-2.4 2.4"/>
            <geom type="cylinder" size=".05 .035" rgba=".25 .27 .3 1" mass=".5"/>
            <geom type="box" size=".125 .035 .02" pos=".125 0 0" rgba=".9 .9 .86 1" mass=".6"/>
            <body pos=".25 0 0"><joint name="j2" axis="0 0 1" range=".1 2.6"/>
              <geom type="cylinder" size=".04 .03" pos="0 0 .03" rgba=".25 .27 .3 1" mass=".2"/>
              <geom type="box" size=".11 .03 .018" pos=".11 0 .04" rgba=".1 .5 .45 1" mass=".4"/>
              <body pos=".22 0 -.25"><joint name="j3" type="slide" axis="0 0 1" range=".01 .25" damping="60"/>
                <geom type="cylinder" fromto="0 0 0 0 0 .4" size=".014" rgba=".75 .76 .78 1" mass=".2"/>
                <body quat="0 0 1 0"><joint name="j4" axis="0 0 -1" range="-3.1 3.1" damping="2"/>
                  {GripperModel.Body("")}
                </body>
              </body>
            </body>
          </body>
        </body>
        """;

    /// <summary>Position servos of the joints, then of the gripper.</summary>
    public static string Actuators { get; } = $"""
        <position name="j1" joint="j1" kp="150" ctrlrange="-2.4 2.4" forcerange="-60 60"/>
        <position name="j2" joint="j2" kp="120" ctrlrange=".1 2.6" forcerange="-40 40"/>
        <position name="j3" joint="j3" kp="1500" ctrlrange=".01 .25" forcerange="-80 80"/>
        <position name="j4" joint="j4" kp="40" ctrlrange="-3.1 3.1" forcerange="-10 10"/>
        {GripperModel.Actuator("")}
        """;
}
