namespace CrossFormer.Data.OpenX;

/// <summary>Names of the encodings, and what of an action is normalised.</summary>
public static class Encodings
{
    private static readonly (ActionEncoding Encoding, string Name, bool[] Mask)[] Actions =
    [
        (ActionEncoding.EefPosition, "EEF_POS", Mask(6, 1)),
        (ActionEncoding.JointPosition, "JOINT_POS", Mask(7, 1)),
        (ActionEncoding.JointPositionBimanual, "JOINT_POS_BIMANUAL", Mask(6, 1, 6, 1)),
        (ActionEncoding.Navigation2D, "NAV_2D", Mask(2)),
        (ActionEncoding.JointPositionBimanualNavigation, "JOINT_POS_BIMANUAL_NAV", Mask(6, 1, 6, 1, 2)),
        (ActionEncoding.Quadruped, "QUADRUPED", Mask(12)),
    ];

    private static readonly (ProprioceptionEncoding Encoding, string Name)[] Proprioceptions =
    [
        (ProprioceptionEncoding.None, "NONE"),
        (ProprioceptionEncoding.PositionEuler, "POS_EULER"),
        (ProprioceptionEncoding.PositionQuaternion, "POS_QUAT"),
        (ProprioceptionEncoding.Joint, "JOINT"),
        (ProprioceptionEncoding.JointBimanual, "JOINT_BIMANUAL"),
        (ProprioceptionEncoding.PositionNavigation, "POS_NAV"),
        (ProprioceptionEncoding.Quadruped, "QUADRUPED"),
    ];

    /// <summary>The reference's name, for example <c>EEF_POS</c>.</summary>
    public static string ReferenceName(this ActionEncoding encoding) => Array.Find(Actions, a => a.Encoding == encoding).Name;

    /// <summary>The reference's name, for example <c>POS_EULER</c>.</summary>
    public static string ReferenceName(this ProprioceptionEncoding encoding) => Array.Find(Proprioceptions, p => p.Encoding == encoding).Name;

    /// <summary>Which dimensions of an action are normalised: all but the grippers. Its length is the action's.</summary>
    public static IReadOnlyList<bool> NormalizationMask(this ActionEncoding encoding) => Array.Find(Actions, a => a.Encoding == encoding).Mask;

    internal static IEnumerable<(string Name, ActionEncoding Value)> ActionChoices => Actions.Select(a => (a.Name.ToLowerInvariant(), a.Encoding));

    internal static IEnumerable<(string Name, ProprioceptionEncoding Value)> ProprioceptionChoices => Proprioceptions.Select(p => (p.Name.ToLowerInvariant(), p.Encoding));

    // Runs of dimensions, in turn normalised and not.
    private static bool[] Mask(params int[] runs) => [.. runs.SelectMany((length, i) => Enumerable.Repeat(i % 2 == 0, length))];
}
