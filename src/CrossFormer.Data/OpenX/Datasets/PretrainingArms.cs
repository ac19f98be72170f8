using CrossFormer.Data.Trajectories;
using static CrossFormer.Data.OpenX.ColumnExpression;
using static CrossFormer.Data.OpenX.TransformStep;
using static CrossFormer.Data.OpenX.Vocabulary;

namespace CrossFormer.Data.OpenX;

/// <summary>The single arms that the published model's head was made for. Source: the reference's oxe_dataset_configs.py and oxe_standardization_transforms.py.</summary>
internal static class PretrainingArms
{
    public static DatasetConfiguration[] All { get; } =
    [
        // The copy at rail.eecs.berkeley.edu, newer than Open X's own.
        Arm("bridge_dataset", "bridge_dataset_transform", "image_0", PosEuler,
            SetAction(State[..6].StepDifference(), Actions[^1..].Binarized()),
            DropLast,
            StateIsProprio),

        Arm("fractal20220817_data", "rt1_dataset_transform", "image", PosQuat,
            WorldAction(GripperCommand.ToGripperState()),
            SetProprio(Observation("base_pose_tool_reached"), Observation("gripper_closed")),
            InstructionFromObservation),

        Arm("kuka", "kuka_dataset_transform", "image", PosQuat,
            WorldAction(GripperCommand.ToGripperState()),
            SetProprio(Observation("clip_function_input/base_pose_tool_reached").Inflated(7), Observation("gripper_closed").Inflated(1)),
            DropInstruction),

        Taco("taco_play") with { Depth = OldViews(primary: "depth_static", wrist: "depth_gripper") },
        Taco("taco_extra"),

        Arm("jaco_play", "jaco_play_dataset_transform", "image", PosEuler,
            SetAction(Column("action/world_vector"), ThreeZeros, GripperCommand.ToGripperState()),
            SetProprio(Observation("end_effector_cartesian_pos")),
            InstructionFromObservation),

        Arm("berkeley_cable_routing", "berkeley_cable_routing_dataset_transform", "image", Joint,
            WorldAction(Zero),
            SetProprio(Observation("robot_state")),
            DropInstruction),

        Arm("roboturk", "roboturk_dataset_transform", "front_rgb", NoProprio,
            WorldAction(GripperCommand.Clipped().Inverted()),
            NoProprioception,
            DropInstruction),

        Arm("nyu_door_opening_surprising_effectiveness", "nyu_door_opening_dataset_transform", null, NoProprio,
            WorldAction(GripperCommand.ToGripperState()),
            NoProprioception,
            DropInstruction) with { Images = Views(leftWrist: "image", rightWrist: "image") },

        Arm("viola", "viola_dataset_transform", "agentview_rgb", Joint,
            WorldAction(GripperCommand.Clipped().Inverted()),
            SetProprio(Observation("joint_states"), Observation("gripper_states")),
            DropInstruction),

        Arm("berkeley_autolab_ur5", "berkeley_autolab_ur5_dataset_transform", "image", PosQuat,
            Rename("observation/image_with_depth", "observation/depth"),
            WorldAction(GripperCommand.ToGripperState()),
            SetProprio(Observation("robot_state")[6..14]),
            InstructionFromObservation) with { Depth = OldViews(primary: "depth") },

        Arm("toto", "toto_dataset_transform", "image", Joint,
            WorldAction(Column("action/open_gripper")),
            StateIsProprio,
            DropInstruction),

        // It pushes with a stick: the gripper counts as open.
        Arm("language_table", "language_table_dataset_transform", "rgb", PosEuler,
            SetAction(Actions, Constant(0, 4), Constant(1, 1)),
            SetProprio(Observation("effector_translation")),
            Set("language_instruction", Observation("instruction").TextFromCodePoints())),

        Arm("stanford_hydra_dataset_converted_externally_to_rlds", "stanford_hydra_dataset_transform", "image", PosEuler,
            SetAction(Actions[..6], Actions[^1..].Inverted()),
            SetProprio(State[..3], State[7..10], State[^3..^2]),
            DropInstruction),

        Arm("austin_buds_dataset_converted_externally_to_rlds", "austin_buds_dataset_transform", "image", Joint,
            SetAction(Actions[..6], Actions[^1..].Clipped().Inverted()),
            SetProprio(State[..8]),
            DropInstruction),

        Arm("nyu_franka_play_dataset_converted_externally_to_rlds", "nyu_franka_play_dataset_transform", "image", PosEuler,
            Set("observation/depth", Observation("depth")[0].AsSingle()),
            Set("observation/depth_additional_view", Observation("depth_additional_view")[0].AsSingle()),
            SetAction(Actions[^8..^2], Actions[^2..^1].Clipped()),
            SetProprio(State[^6..]),
            DropInstruction) with { Depth = OldViews(primary: "depth", secondary: "depth_additional_view") },

        Arm("furniture_bench_dataset_converted_externally_to_rlds", "furniture_bench_dataset_transform", "image", PosQuat,
            SetAction(Actions[..3], Actions[3..7].EulerFromQuaternion(), Actions[^1..].Clipped().Inverted()),
            SetProprio(State[..7], State[^1..])),

        Arm("austin_sailor_dataset_converted_externally_to_rlds", "austin_sailor_dataset_transform", "image", PosQuat,
            SetAction(Actions[..6], Actions[^1..].Clipped().Inverted()),
            StateIsProprio,
            DropInstruction),

        Arm("austin_sirius_dataset_converted_externally_to_rlds", "austin_sirius_dataset_transform", "image", PosQuat,
            SetAction(Actions[..6], Actions[^1..].Clipped().Inverted()),
            StateIsProprio,
            DropInstruction),

        // Each action lists ten future ones; the first counts.
        Arm("bc_z", "bc_z_dataset_transform", "image", PosEuler,
            SetAction(
                Column("action/future/xyz_residual")[..3],
                Column("action/future/axis_angle_residual")[..3],
                Column("action/future/target_close")[..1].Inverted()),
            SetProprio(Observation("present/xyz"), Observation("present/axis_angle"), Observation("present/sensed_close")),
            InstructionFromObservation),

        Arm("dlr_edan_shared_control_converted_externally_to_rlds", "dlr_edan_shared_control_dataset_transform", "image", PosEuler,
            SetAction(Actions[..6], Actions[^1..].Inverted()),
            StateIsProprio),

        Arm("iamlab_cmu_pickup_insert_converted_externally_to_rlds", "iamlab_pick_insert_dataset_transform", "image", Joint,
            SetAction(Actions[..3], Actions[3..7].EulerFromQuaternion(), Actions[7..8]),
            SetProprio(State[..8])),

        Arm("utaustin_mutex", "utaustin_mutex_dataset_transform", "image", Joint,
            SetAction(Actions[..6], Actions[^1..].Clipped().Inverted()),
            SetProprio(State[..8]),
            DropInstruction),

        // Its actions have no gripper: the gripper's state stands in.
        Arm("berkeley_fanuc_manipulation", "berkeley_fanuc_dataset_transform", "image", Joint,
            SetAction(Actions, State[6..7].Inverted()),
            SetProprio(State[..7])) with
        {
            Defect = "inverts a gripper state that the dataset describes as 1 = open",
            CorrectedTransform = [SetAction(Actions, State[6..7]), SetProprio(State[..7])],
        },

        Arm("cmu_stretch", "cmu_stretch_dataset_transform", "image", PosEuler,
            SetAction(Actions[..^1]),
            SetProprio(State[..3], ThreeZeros, State[^1..])),

        Droid("droid", "exterior_image_1_left") with
        { Filter = TrajectoryFilter.Containing($"{Trajectory.MetadataPrefix}episode_metadata/file_path", "/success/") },
        Droid("droid_wipe", "exterior_image_2_left"),
        Droid("droid_flip_pot_upright", "exterior_image_2_right"),
    ];

    private static DatasetConfiguration Taco(string name)
    {
        var move = Column("action/rel_actions_world");
        var (closing, robot) = (move[^1..].Clipped(), Observation("robot_obs"));
        var proprio = SetProprio(robot[..6], robot[7..8]);
        return Arm(name, "taco_dataset_transform", "rgb_static", PosEuler, SetAction(move[..6], closing), proprio, InstructionFromObservation) with
        {
            Defect = "clips a gripper that is −1 open, +1 closed to [0, 1] and calls 1 open",
            CorrectedTransform = [SetAction(move[..6], closing.Inverted()), proprio, InstructionFromObservation],
        };
    }

    // float64 throughout.
    private static DatasetConfiguration Droid(string name, string primary) =>
        Arm(name, "droid_dataset_transform", primary, PosEuler,
            SetAction(Column("action_dict/cartesian_velocity"), Column("action_dict/gripper_position").Inverted()),
            SetProprio(Observation("cartesian_position"), Observation("gripper_position")));
}
