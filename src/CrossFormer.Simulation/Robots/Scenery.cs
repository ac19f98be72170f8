namespace CrossFormer.Simulation.Robots;

/// <summary>What all worlds share: light, sky, floors, and MuJoCo's settings.</summary>
internal static class Scenery
{
    /// <summary>A whole model.</summary>
    /// <param name="options">Attributes of <c>option</c>, for example the time step.</param>
    /// <param name="defaults">Content of <c>default</c>.</param>
    /// <param name="world">Content of <c>worldbody</c>.</param>
    /// <param name="rest">What follows: actuators and so on.</param>
    public static string Model(string options, string defaults, string world, string rest) => $"""
        <mujoco>
          <compiler angle="radian" autolimits="true"/>
          <option {options}/>
          <visual>
            <global offwidth="512" offheight="512"/>
            <quality shadowsize="0" offsamples="0" numslices="12" numstacks="6" numquads="2"/>
            <headlight ambient=".35 .35 .35" diffuse=".4 .4 .4" specular=".1 .1 .1"/>
            <map znear="0.01" zfar="30"/>
          </visual>
          <default>{defaults}</default>
          <asset>
            <texture name="sky" type="skybox" builtin="gradient" rgb1=".5 .65 .85" rgb2=".9 .9 .95" width="64" height="384"/>
            <texture name="grid" type="2d" builtin="checker" rgb1=".42 .45 .48" rgb2=".55 .57 .6" width="128" height="128"/>
            <material name="grid" texture="grid" texrepeat="10 10"/>
          </asset>
          <worldbody>{world}</worldbody>
          {rest}
        </mujoco>
        """;
}
