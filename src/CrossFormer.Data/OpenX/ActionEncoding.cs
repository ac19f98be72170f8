namespace CrossFormer.Data.OpenX;

/// <summary>What the numbers of an action mean. Numbered as in the reference's configurations.</summary>
public enum ActionEncoding
{
    /// <summary>Arm, 7: change of x, y, z (m) and roll, pitch, yaw (rad), then the gripper (1 open).</summary>
    EefPosition = 1,
    /// <summary>Arm, 8: seven joints, then the gripper.</summary>
    JointPosition = 2,
    /// <summary>Two arms, 14: six joints and the gripper of the left one, then of the right one.</summary>
    JointPositionBimanual = 3,
    /// <summary>Wheels, 2: change of x and y, one waypoint.</summary>
    Navigation2D = 4,
    /// <summary>Two arms on wheels, 16: <see cref="JointPositionBimanual"/>, then linear and angular velocity of the base.</summary>
    JointPositionBimanualNavigation = 5,
    /// <summary>Four legs, 12 joints.</summary>
    Quadruped = 6,
}
