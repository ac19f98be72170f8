namespace CrossFormer.Simulation.Robots;

/// <summary>A parallel gripper at the end of an arm: camera, palm, tool point and two fingers. Names begin with the arm's prefix.</summary>
internal static class GripperModel
{
    /// <summary>What hangs at the flange, and reaches along its z axis; the fingers open along its y axis.</summary>
    public static string Body(string prefix) => $"""
        <camera name="{prefix}wrist" pos=".09 0 -.01" xyaxes="0 -1 0 -1 0 -.35" fovy="75"/>
        <geom type="box" size=".02 .055 .015" pos="0 0 .02" rgba=".2 .2 .2 1" mass=".15"/>
        <site name="{prefix}tool" pos="0 0 .09" size=".004" rgba="0 0 0 0"/>
        {Finger(prefix, "left", 1)}
        {Finger(prefix, "right", -1)}
        """;

    /// <summary>The two fingers' distance as one length, and the rule that both move alike.</summary>
    public static (string Tendon, string Equality) Coupling(string prefix) => (
        $"""<fixed name="{prefix}grip"><joint joint="{prefix}left" coef="1"/><joint joint="{prefix}right" coef="1"/></fixed>""",
        $"""<joint joint1="{prefix}left" joint2="{prefix}right" polycoef="0 1 0 0 0"/>""");

    /// <summary>The position servo of the fingers' distance.</summary>
    public static string Actuator(string prefix) => $"""<position name="{prefix}grip" tendon="{prefix}grip" kp="200" ctrlrange="0 .08" forcerange="-12 12"/>""";

    private static string Finger(string prefix, string name, int side) => $"""
        <body pos="0 0 .035"><joint name="{prefix}{name}" type="slide" axis="0 {side} 0" range="0 .04" damping="3"/>
          <geom name="{prefix}{name}" type="box" size=".012 .006 .035" pos="0 {side * .006} .035" rgba=".1 .1 .1 1" mass=".03" friction="2 .05 .0001" condim="4" solref=".01 1"/>
        </body>
        """;
}
