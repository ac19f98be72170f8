using static CrossFormer.Data.OpenX.ColumnExpression;
using static CrossFormer.Data.OpenX.TransformStep;
using static CrossFormer.Data.OpenX.Vocabulary;

namespace CrossFormer.Data.OpenX;

/// <summary>Single arms that the published model was not trained on. Source: the reference's oxe_dataset_configs.py and oxe_standardization_transforms.py.</summary>
internal static class OtherArms
{
    private const string YawInRollSlot = "puts the yaw into the roll's place";

    public static DatasetConfiguration[] All { get; } =
    [
        Old("columbia_cairlab_pusht_real", "pusht_dataset_transform", ("image", null, "wrist_image"), PosEuler, EefPos,
            WorldAction(GripperCommand),
            SetProprio(Observation("robot_state")),
            InstructionFromObservation),

        Old("stanford_kuka_multimodal_dataset_converted_externally_to_rlds", "stanford_kuka_multimodal_dataset_transform", ("image", null, null), PosQuat, EefPos,
            Set("observation/depth_image", Observation("depth_image")[0]),
            SetAction(Actions[..3], ThreeZeros, Actions[^1..]),
            SetProprio(Observation("ee_position"), Observation("ee_orientation"))) with { Depth = OldViews(primary: "depth_image") },

        Old("nyu_rot_dataset_converted_externally_to_rlds", "nyu_rot_dataset_transform", ("image", null, null), PosEuler, EefPos,
            SetAction(Actions[..7]),
            StateIsProprio),

        // Its gripper stays in [−1, 1].
        Old("maniskill_dataset_converted_externally_to_rlds", "maniskill_dataset_transform", ("image", null, "wrist_image"), PosQuat, EefPos,
            SetProprio(Observation("tcp_pose"), State[7..8])) with { Depth = OldViews(primary: "depth", wrist: "wrist_depth") },

        Old("cmu_franka_exploration_dataset_converted_externally_to_rlds", "cmu_franka_exploration_dataset_transform", ("highres_image", null, null), NoProprio, EefPos,
            SetAction(Actions[..^1]),
            NoProprioception),

        Old("ucsd_kitchen_dataset_converted_externally_to_rlds", "ucsd_kitchen_dataset_transform", ("image", null, null), Joint, EefPos,
            SetAction(Actions[..^1]),
            SetProprio(State[..7])),

        Old("ucsd_pick_and_place_dataset_converted_externally_to_rlds", "ucsd_pick_place_dataset_transform", ("image", null, null), PosEuler, EefPos,
            SetAction(Actions[..3], ThreeZeros, Actions[^1..]),
            StateIsProprio),

        Old("utokyo_pr2_opening_fridge_converted_externally_to_rlds", "tokyo_pr2_opening_fridge_dataset_transform", ("image", null, null), PosEuler, EefPos,
            SetAction(Actions[..^1]),
            StateIsProprio),

        Old("utokyo_pr2_tabletop_manipulation_converted_externally_to_rlds", "tokyo_pr2_tabletop_manipulation_dataset_transform", ("image", null, null), PosEuler, EefPos,
            SetAction(Actions[..^1]),
            StateIsProprio),

        Old("utokyo_xarm_pick_and_place_converted_externally_to_rlds", "utokyo_xarm_pick_place_dataset_transform", ("image", "image2", "hand_image"), PosEuler, EefPos,
            SetProprio(Observation("end_effector_pose"))) with
        { Defect = "sets no proprioception, so that the dataset cannot be loaded with it; mended here: its end effector's pose" },

        // The right one of two arms.
        Old("utokyo_xarm_bimanual_converted_externally_to_rlds", "utokyo_xarm_bimanual_dataset_transform", ("image", null, null), PosEuler, EefPos,
            SetAction(Actions[^7..]),
            SetProprio(FirstOf(Observation("pose_r"), Observation("end_effector_pose")))) with
        { Defect = "reads the pose under a name that the dataset does not have; mended here: the right arm's pose, as its action" },

        Old("robo_net", "robo_net_dataset_transform", ("image", "image1", null), PosEuler, EefPos,
            SetAction(Actions[..4], Constant(0, 2), Actions[^1..]),
            SetProprio(State[..4], Constant(0, 2), State[^1..])) with
        {
            Defect = "cannot run at all (mended here), and " + YawInRollSlot,
            CorrectedTransform =
            [
                SetAction(Actions[..3], Constant(0, 2), Actions[3..]),
                SetProprio(State[..3], Constant(0, 2), State[3..]),
            ],
        },

        Old("berkeley_mvp_converted_externally_to_rlds", "berkeley_mvp_dataset_transform", (null, null, "hand_image"), PosQuat, ActionEncoding.JointPosition,
            SetProprio(Observation("pose"), Observation("gripper")),
            SetAction(Actions[..^1], Actions[^1..].Inverted())),

        // 30 Hz become 10 Hz, so the actions are computed anew.
        Old("berkeley_rpt_converted_externally_to_rlds", "berkeley_rpt_dataset_transform", (null, null, "hand_image"), Joint, ActionEncoding.JointPosition,
            EveryNth(3),
            SetProprio(Observation("joint_pos"), Observation("gripper")),
            SetAction(Observation("joint_pos")[..7].StepDifference(), Actions[^1..].Inverted()),
            DropLast),

        Old("kaist_nonprehensile_converted_externally_to_rlds", "kaist_nonprehensible_dataset_transform", ("image", null, null), PosQuat, EefPos,
            SetAction(Actions[..6], Zero),
            SetProprio(State[^7..])),

        Old("stanford_mask_vit_converted_externally_to_rlds", "stanford_mask_vit_dataset_transform", ("image", null, null), PosEuler, EefPos,
            SetAction(Actions[..4], Constant(0, 2), Actions[^1..]),
            SetProprio(Observation("end_effector_pose")[..4], Constant(0, 2), Observation("end_effector_pose")[^1..])) with
        {
            Defect = YawInRollSlot,
            CorrectedTransform =
            [
                SetAction(Actions[..3], Constant(0, 2), Actions[3..]),
                SetProprio(Observation("end_effector_pose")[..3], Constant(0, 2), Observation("end_effector_pose")[3..]),
            ],
        },

        Old("tokyo_u_lsmo_converted_externally_to_rlds", "tokyo_lsmo_dataset_transform", ("image", null, null), PosEuler, EefPos,
            SetProprio(State[..6], State[^1..])),

        Old("dlr_sara_pour_converted_externally_to_rlds", "dlr_sara_pour_dataset_transform", ("image", null, null), PosEuler, EefPos,
            StateIsProprio),

        Old("dlr_sara_grid_clamp_converted_externally_to_rlds", "dlr_sara_grid_clamp_dataset_transform", ("image", null, null), PosEuler, EefPos,
            SetProprio(State[..6])),

        Old("asu_table_top_converted_externally_to_rlds", "asu_table_top_dataset_transform", ("image", null, null), PosEuler, EefPos,
            SetProprio(Column("ground_truth_states/EE"), State[^1..])),

        Old("stanford_robocook_converted_externally_to_rlds", "robocook_dataset_transform", ("image_1", "image_2", null), PosEuler, EefPos,
            StateIsProprio) with { Depth = OldViews(primary: "depth_1", secondary: "depth_2") },

        Old("imperialcollege_sawyer_wrist_cam", "imperial_wristcam_dataset_transform", ("image", null, "wrist_image"), NoProprio, EefPos,
            SetAction(Actions[..^1]),
            NoProprioception),

        Old("uiuc_d3field", "uiuc_d3field_dataset_transform", ("image_1", "image_2", null), NoProprio, EefPos,
            SetAction(Actions, Constant(0, 4)),
            NoProprioception) with { Depth = OldViews(primary: "depth_1", secondary: "depth_2") },

        Old("cmu_playing_with_food", "cmu_playing_with_food_dataset_transform", ("image", null, "finger_vision_1"), PosEuler, EefPos,
            SetAction(Actions[..3], Actions[3..7].EulerFromQuaternion(), Actions[^1..]),
            StateIsProprio),

        // Position, quaternion, gripper, and whether to terminate.
        Old("cmu_play_fusion", "playfusion_dataset_transform", ("image", null, null), Joint, EefPos,
            SetAction(Actions[..3], Actions[^4..]),
            StateIsProprio) with
        {
            Defect = "takes half of the quaternion for the rotation and the terminate flag for the gripper",
            CorrectedTransform = [SetAction(Actions[..3], Actions[3..7].EulerFromQuaternion(), Actions[7..8]), StateIsProprio],
        },

        Old("fmb_dataset", "fmb_dataset_transform", ("image_side_1", "image_side_2", "image_wrist_1"), PosEuler, EefPos,
            SetProprio(Observation("eef_pose"), Observation("state_gripper_pose"))) with
        { Depth = OldViews("image_side_1_depth", "image_side_2_depth", "image_wrist_1_depth") },

        Old("dobbe", "dobbe_dataset_transform", (null, null, "wrist_image"), PosEuler, EefPos,
            StateIsProprio),

        Old("roboset", "roboset_dataset_transform", ("image_left", "image_right", "image_wrist"), Joint, ActionEncoding.JointPosition,
            StateIsProprio,
            SetAction(Actions[..7], Actions[^1..].Clipped().Inverted())),

        Old("rh20t", "rh20t_dataset_transform", ("image_front", "image_side_right", "image_wrist"), PosEuler, EefPos,
            SetAction(Column("action/tcp_base"), Column("action/gripper")),
            SetProprio(Observation("tcp_base"), Observation("gripper_width"))),

        Old("mujoco_manip", "mujoco_manip_dataset_transform", ("image", null, null), PosEuler, EefPos,
            SetAction(Actions[..6], Actions[^1..].DividedBy(255).Inverted()),
            SetProprio(FirstOf(State, Zero))) with
        { Defect = "sets no proprioception, so that the dataset cannot be loaded with it; mended here: its state, or a zero when it has none" },
    ];
}
