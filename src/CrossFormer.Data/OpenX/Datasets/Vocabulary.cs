using static CrossFormer.Data.OpenX.ColumnExpression;

namespace CrossFormer.Data.OpenX;

/// <summary>What the entries of the registry are written in: shapes that many datasets share.</summary>
internal static class Vocabulary
{
    public const ProprioceptionEncoding NoProprio = ProprioceptionEncoding.None;
    public const ProprioceptionEncoding PosEuler = ProprioceptionEncoding.PositionEuler;
    public const ProprioceptionEncoding PosQuat = ProprioceptionEncoding.PositionQuaternion;
    public const ProprioceptionEncoding Joint = ProprioceptionEncoding.Joint;
    public const ActionEncoding EefPos = ActionEncoding.EefPosition;

    private const string SingleArm = "single_arm";

    public static ColumnExpression Actions { get; } = Column("action");

    public static ColumnExpression State { get; } = Observation("state");

    /// <summary>A command per step: +1 close, −1 open.</summary>
    public static ColumnExpression GripperCommand { get; } = Column("action/gripper_closedness_action");

    public static ColumnExpression Zero { get; } = Constant(0, 1);

    public static ColumnExpression ThreeZeros { get; } = Constant(0, 3);

    public static ColumnExpression Observation(string name) => Column($"observation/{name}");

    /// <summary>The action of datasets whose actions are nested: translation, rotation, and this gripper.</summary>
    public static TransformStep WorldAction(ColumnExpression gripper) =>
        SetAction(Column("action/world_vector"), Column("action/rotation_delta"), gripper);

    public static TransformStep SetAction(params ColumnExpression[] parts) => TransformStep.Set("action", OneOrSeveral(parts));

    public static TransformStep SetProprio(params ColumnExpression[] parts) => TransformStep.Set("observation/proprio", OneOrSeveral(parts));

    /// <summary>A zero stands for proprioception that the dataset does not have.</summary>
    public static TransformStep NoProprioception { get; } = SetProprio(Zero);

    public static TransformStep StateIsProprio { get; } = SetProprio(State);

    public static TransformStep InstructionFromObservation { get; } = TransformStep.Set("language_instruction", Observation("natural_language_instruction"));

    /// <summary>For instructions that say nothing about the task.</summary>
    public static TransformStep DropInstruction { get; } = TransformStep.Set("language_instruction", EmptyText);

    /// <summary>A single arm of the pre-training mix, in the published model's views.</summary>
    public static DatasetConfiguration Arm(
        string name, string function, string? primary, ProprioceptionEncoding proprioception, params ReadOnlySpan<TransformStep> steps) =>
        Current(name, function, Views(primary: primary), proprioception, EefPos, steps) with { Head = SingleArm };

    /// <summary>A dataset in the published model's views.</summary>
    public static DatasetConfiguration Current(
        string name, string function, ViewSource[] images, ProprioceptionEncoding proprioception, ActionEncoding action, params ReadOnlySpan<TransformStep> steps) =>
        Entry(name, function, proprioception, action, steps) with { Images = images };

    /// <summary>A dataset that no head was trained on, in the older views.</summary>
    public static DatasetConfiguration Old(
        string name, string function, (string? Primary, string? Secondary, string? Wrist) images,
        ProprioceptionEncoding proprioception, ActionEncoding action, params ReadOnlySpan<TransformStep> steps) =>
        Entry(name, function, proprioception, action, steps) with
        {
            Images = OldViews(images.Primary, images.Secondary, images.Wrist),
            Proprioception = [new("primary", "proprio", 0)],
            HasOldViews = true,
        };

    public static ViewSource[] Views(string? primary = null, string? high = null, string? nav = null, string? leftWrist = null, string? rightWrist = null) =>
        [new("primary", primary), new("high", high), new("nav", nav), new("left_wrist", leftWrist), new("right_wrist", rightWrist)];

    public static ViewSource[] OldViews(string? primary = null, string? secondary = null, string? wrist = null) =>
        [new("primary", primary), new("secondary", secondary), new("wrist", wrist)];

    private static ColumnExpression OneOrSeveral(ColumnExpression[] parts) => parts.Length == 1 ? parts[0] : Concatenate(parts);

    private static DatasetConfiguration Entry(
        string name, string function, ProprioceptionEncoding proprioception, ActionEncoding action, ReadOnlySpan<TransformStep> steps) => new()
        {
            Name = name,
            ReferenceFunction = function,
            Images = [],
            Depth = OldViews(),
            Proprioception = [new("bimanual", null, 14), new("quadruped", null, 46)],
            ProprioceptionEncoding = proprioception,
            ActionEncoding = action,
            ActionMask = action.NormalizationMask(),
            Transform = StandardTransform.Of(steps),
        };
}
