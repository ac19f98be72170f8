namespace CrossFormer.Data.OpenX;

/// <summary>What the numbers of <c>observation/proprio</c> mean. Numbered as in the reference's configurations.</summary>
public enum ProprioceptionEncoding
{
    /// <summary>The dataset has none; a zero stands in.</summary>
    None = -1,
    /// <summary>End effector's x, y, z, roll, pitch, yaw, then the gripper.</summary>
    PositionEuler = 1,
    /// <summary>End effector's x, y, z, quaternion, then the gripper.</summary>
    PositionQuaternion = 2,
    /// <summary>Joint angles, then the gripper.</summary>
    Joint = 3,
    /// <summary>Six joint angles and the gripper, twice.</summary>
    JointBimanual = 4,
    /// <summary>x, y, yaw.</summary>
    PositionNavigation = 5,
    /// <summary>Joints, gravity, velocities and last action of a quadruped.</summary>
    Quadruped = 6,
}
