using static CrossFormer.Data.OpenX.ColumnExpression;
using static CrossFormer.Data.OpenX.TransformStep;
using static CrossFormer.Data.OpenX.Vocabulary;

namespace CrossFormer.Data.OpenX;

/// <summary>Robots of two arms, of wheels and of legs. Source: the reference's oxe_dataset_configs.py and oxe_standardization_transforms.py.</summary>
internal static class OtherRobots
{
    public static DatasetConfiguration[] All { get; } =
    [
        Aloha("aloha_pen_uncap_diverse_dataset", "aloha_pen_uncap_dataset_transform"),
        Aloha("aloha_new_sushi_dataset", "aloha_pen_uncap_dataset_transform"),
        AlohaOfManyTasks("aloha_dough_cut_dataset"),
        AlohaOfManyTasks("aloha_lucy_dataset"),
        AlohaOfManyTasks("aloha_drawer_dataset"),
        AlohaOfManyTasks("aloha_pick_place_dataset"),
        AlohaOfManyTasks("aloha_static_dataset"),
        AlohaOfManyTasks("aloha_sushi_cut_full_dataset"),

        // 50 Hz become 10 Hz.
        Old("aloha_dagger_dataset", "aloha_dataset_transform", ("cam_high", "cam_low", "cam_right_wrist"),
            ProprioceptionEncoding.JointBimanual, ActionEncoding.JointPositionBimanual,
            EveryNth(5), StateIsProprio),
        Old("aloha_mobile_dataset", "aloha_dataset_transform", ("cam_high", null, "cam_right_wrist"),
            ProprioceptionEncoding.JointBimanual, ActionEncoding.JointPositionBimanualNavigation,
            EveryNth(5), StateIsProprio),

        Current("omnimimic_gnm_dataset", "omnimimic_gnm_transform", Views(nav: "image"), ProprioceptionEncoding.PositionNavigation, ActionEncoding.Navigation2D,
            SetAction(Waypoints(new(100, "observation/state", "observation/yaw_rotmat", FromPrevious: true))),
            StateIsProprio) with
        {
            Head = "nav",
            Depth = [new("primary", null), new("secondary", null)],
            Overrides = new() { MaxGoalDistance = 15, KeepImageProbability = 1 },
        },

        Quadruped("a1", "go1_dataset_transform"),
        Quadruped("go1", "go1_dataset_transform"),
        Quadruped("go1_real_dataset", "go1_real_dataset_transform") with { Overrides = new() { KeepImageProbability = 0, WindowSize = 1 } },
    ];

    /// <summary>The transform of the older GNM sets, which no configuration of the reference uses: four waypoints, all relative to the robot.</summary>
    public static StandardTransform OldGnm { get; } =
    [
        SetAction(Waypoints(new(4, "observation/position", "observation/yaw", FromPrevious: false))),
        StateIsProprio,
    ];

    private static DatasetConfiguration Aloha(string name, string function, params ReadOnlySpan<TransformStep> before) =>
        Current(name, function, Views(high: "cam_high", leftWrist: "cam_left_wrist", rightWrist: "cam_right_wrist"),
            ProprioceptionEncoding.JointBimanual, ActionEncoding.JointPositionBimanual, [.. before, StateIsProprio]) with
        {
            Head = "bimanual",
            Proprioception = [new("bimanual", "proprio", 14), new("quadruped", null, 46)],
        };

    private static DatasetConfiguration AlohaOfManyTasks(string name) =>
        Aloha(name, "aloha_dough_dataset_transform", Set("language_instruction", Column("global_instruction")));

    private static DatasetConfiguration Quadruped(string name, string function) =>
        Current(name, function, Views(), ProprioceptionEncoding.Quadruped, ActionEncoding.Quadruped, StateIsProprio) with
        {
            Head = "quadruped",
            Proprioception = [new("bimanual", null, 14), new("quadruped", "proprio", 46)],
            Overrides = new() { KeepImageProbability = 0 },
        };
}
