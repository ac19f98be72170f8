using CrossFormer.Arrays;
using CrossFormer.Data.OpenX;
using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.Tests.OpenX;

/// <summary>
/// Transforms that the reference gets wrong, on two steps whose right answer is worked out by hand from the datasets' own
/// descriptions. Where the reference's transform runs, it stays the default (TransformGoldenTests), because the published
/// checkpoint was trained with it.
/// </summary>
public sealed class CorrectedTransformTests
{
    private static readonly DatasetOptions Corrected = new() { Corrected = true };

    [Fact]
    public void Registry_MarksEveryKnownDefect() =>
        Assert.Equal(
        [
            "berkeley_fanuc_manipulation", "cmu_play_fusion", "mujoco_manip", "robo_net", "stanford_mask_vit_converted_externally_to_rlds",
            "taco_extra", "taco_play", "utokyo_xarm_bimanual_converted_externally_to_rlds", "utokyo_xarm_pick_and_place_converted_externally_to_rlds",
        ], OpenXDatasets.All.Where(d => d.Defect is not null).Select(d => d.Name).Order());

    [Theory]
    [InlineData("taco_play")]
    [InlineData("taco_extra")]
    public void Taco_CorrectedOpensTheGripperAtMinusOne(string dataset)
    {
        // −1 is open and +1 closed in the data; 1 is open here.
        var raw = Raw(dataset, ("action/rel_actions_world", 7, [1, 2, 3, 4, 5, 6, -1, 1, 2, 3, 4, 5, 6, 1]), ("observation/robot_obs", 15, new float[30]))
            .With("observation/natural_language_instruction", TrajectoryTexts.Repeat("lift", 2));
        AssertActions(dataset, raw, reference: [1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 1], corrected: [1, 2, 3, 4, 5, 6, 1, 1, 2, 3, 4, 5, 6, 0]);
    }

    [Fact]
    public void Fanuc_CorrectedTakesTheGripperStateAsItIs()
    {
        // The state's seventh number is 1 when the gripper is open.
        var raw = Raw("berkeley_fanuc_manipulation",
            ("action", 6, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
            ("observation/state", 13, [1, 2, 3, 4, 5, 6, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0]));
        AssertActions("berkeley_fanuc_manipulation", raw, reference: [1, 2, 3, 4, 5, 6, 0, 7, 8, 9, 10, 11, 12, 1], corrected: [1, 2, 3, 4, 5, 6, 1, 7, 8, 9, 10, 11, 12, 0]);
    }

    [Fact]
    public void MaskVit_CorrectedPutsTheYawIntoTheYawsPlace()
    {
        // x, y, z, yaw, gripper.
        var raw = Raw("stanford_mask_vit_converted_externally_to_rlds", ("action", 5, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), ("observation/end_effector_pose", 5, [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]));
        AssertActions("stanford_mask_vit_converted_externally_to_rlds", raw, reference: [1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 9, 0, 0, 10], corrected: [1, 2, 3, 0, 0, 4, 5, 6, 7, 8, 0, 0, 9, 10]);
        AssertProprio("stanford_mask_vit_converted_externally_to_rlds", raw, corrected: true, [11, 12, 13, 0, 0, 14, 15, 16, 17, 18, 0, 0, 19, 20]);
    }

    [Fact]
    public void RoboNet_RunsAndCorrectedPutsTheYawIntoTheYawsPlace()
    {
        // x, y, z, yaw, gripper. The reference's transform cannot run; this is what it means to do.
        var raw = Raw("robo_net", ("action", 5, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), ("observation/state", 5, [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]));
        AssertActions("robo_net", raw, reference: [1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 9, 0, 0, 10], corrected: [1, 2, 3, 0, 0, 4, 5, 6, 7, 8, 0, 0, 9, 10]);
        AssertProprio("robo_net", raw, corrected: false, [11, 12, 13, 14, 0, 0, 15, 16, 17, 18, 19, 0, 0, 20]);
        AssertProprio("robo_net", raw, corrected: true, [11, 12, 13, 0, 0, 14, 15, 16, 17, 18, 0, 0, 19, 20]);
    }

    [Fact]
    public void PlayFusion_CorrectedTurnsTheWholeQuaternionAndKeepsTheGripper()
    {
        // Position, quaternion x y z w, gripper, terminate. The first is no rotation, the second a quarter turn about z.
        var half = MathF.Sqrt(0.5f);
        var raw = Raw("cmu_play_fusion", ("action", 9, [1, 2, 3, 0, 0, 0, 1, 0.25f, 1, 4, 5, 6, 0, 0, half, half, 0.75f, 0]), ("observation/state", 8, new float[16]));
        AssertActions("cmu_play_fusion", raw,
            reference: [1, 2, 3, 0, 1, 0.25f, 1, 4, 5, 6, half, half, 0.75f, 0], corrected: [1, 2, 3, 0, 0, 0, 0.25f, 4, 5, 6, 0, 0, MathF.PI / 2, 0.75f]);
    }

    [Fact]
    public void XArmPickAndPlace_HasItsEndEffectorsPoseAsProprioception()
    {
        const string dataset = "utokyo_xarm_pick_and_place_converted_externally_to_rlds";
        var raw = Raw(dataset, ("action", 7, new float[14]), ("observation/end_effector_pose", 6, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
        AssertProprio(dataset, raw, corrected: false, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    }

    [Fact]
    public void XArmBimanual_TakesTheRightArmsPose()
    {
        const string dataset = "utokyo_xarm_bimanual_converted_externally_to_rlds";
        var raw = Raw(dataset,
            ("action", 14, [.. Enumerable.Range(0, 28).Select(i => (float)i)]),
            ("observation/pose_l", 6, new float[12]), ("observation/pose_r", 6, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
        AssertProprio(dataset, raw, corrected: false, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        Assert.Equal([7, 8, 9, 10, 11, 12, 13, 21, 22, 23, 24, 25, 26, 27], Standard(dataset, raw, corrected: false).Numbers("action").ToSingles());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void MujocoManip_HasProprioceptionWithOrWithoutAState(bool hasState)
    {
        var raw = Raw("mujoco_manip", ("action", 7, [1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 255]));
        if (hasState)
            raw = raw.With("observation/state", NdArray.From([1f, 2, 3, 4], 2, 2));
        AssertProprio("mujoco_manip", raw, corrected: false, hasState ? [1, 2, 3, 4] : [0, 0]);
        Assert.Equal([1, 2, 3, 4, 5, 6, 1, 1, 2, 3, 4, 5, 6, 0], Standard("mujoco_manip", raw, corrected: false).Numbers("action").ToSingles());
    }

    [Fact]
    public void Corrected_HasStatisticsOfItsOwn()
    {
        foreach (var dataset in OpenXDatasets.All)
        {
            var (reference, corrected) = (dataset.Resolve(), dataset.Resolve(Corrected));
            Assert.Equal(dataset.CorrectedTransform is null, reference.Transform.Name == corrected.Transform.Name);
            Assert.Equal(dataset.CorrectedTransform is null ? dataset.ReferenceFunction : null, corrected.ReferenceFunction);
        }
    }

    private static Trajectory Raw(string dataset, params ReadOnlySpan<(string Name, int Width, float[] Values)> columns)
    {
        var raw = new Trajectory(dataset, 2).With("language_instruction", TrajectoryTexts.Repeat("push", 2));
        foreach (var (name, width, values) in columns)
            raw = raw.With(name, NdArray.From(values, 2, width));
        return raw;
    }

    private static Trajectory Standard(string dataset, Trajectory raw, bool corrected) =>
        OpenXDatasets.Get(dataset).Resolve(new DatasetOptions { Corrected = corrected }).Transform.Apply(raw);

    private static void AssertActions(string dataset, Trajectory raw, float[] reference, float[] corrected)
    {
        foreach (var (expected, isCorrected) in new[] { (reference, false), (corrected, true) })
        {
            var actual = Standard(dataset, raw, isCorrected).Numbers("action");
            Assert.Equal([2, 7], actual.Shape);
            Assert.Equal(expected, actual.ToSingles(), (e, a) => Math.Abs(e - a) < 1e-6f);
        }
    }

    private static void AssertProprio(string dataset, Trajectory raw, bool corrected, float[] expected) =>
        Assert.Equal(expected, Standard(dataset, raw, corrected).Numbers("observation/proprio").ToSingles());
}
