using CrossFormer.Arrays;
using CrossFormer.Policies;
using CsCheck;

namespace CrossFormer.Core.Tests.Policies;

public class PolicyContractTests
{
    private static readonly NdArray Image = NdArray.Zeros(DType.UInt8, 2, 3, 3);

    [Fact]
    public void Tasks_AreEqual_WhenTheirContentsAre()
    {
        var task = new PolicyTask("lift", Goal([1, 2, 3], 1, 1, 3));
        var same = new PolicyTask(string.Concat("li", "ft"), Goal([1, 2, 3], 1, 1, 3));
        Assert.Equal(task, same);
        Assert.Equal(task.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(task, new PolicyTask("lift", Goal([1, 2, 4], 1, 1, 3)));
        Assert.NotEqual(task, new PolicyTask("drop", Goal([1, 2, 3], 1, 1, 3)));
        Assert.NotEqual(task, new PolicyTask("lift"));
        Assert.NotEqual(task, new PolicyTask(null, Goal([1, 2, 3], 1, 1, 3)));
        Assert.NotEqual(task, new PolicyTask("lift", Goal([1, 2, 3], 1, 1, 3, "image_high")));
        Assert.NotEqual(new PolicyTask("", Goal(new byte[6], 1, 2, 3)), new PolicyTask("", Goal(new byte[6], 2, 1, 3)));
        Assert.NotEqual(new PolicyTask("", Goal(new byte[6], 1, 2, 3)), new PolicyTask(null, Goal(new byte[6], 1, 2, 3)));
    }

    [Fact]
    public void ATask_NeedsAnInstructionOrAGoal()
    {
        Assert.Contains("got neither", Assert.Throws<ArgumentException>(() => new PolicyTask(null)).Message);
        Assert.Equal("", new PolicyTask("").Instruction);
        Assert.Contains("'proprio'", Assert.Throws<ArgumentException>(() => new PolicyTask(null, Goal([1, 2, 3], 1, 1, 3, "proprio"))).Message);
        Assert.Contains("Goal image 'image_primary': expected uint8[height,width,3], got uint8[3,1,1]",
            Assert.Throws<ArgumentException>(() => new PolicyTask(null, Goal([1, 2, 3], 3, 1, 1))).Message);
    }

    [Fact]
    public void AnObservation_ChecksEveryArrayAgainstItsKey()
    {
        Assert.Contains("'image_a': expected uint8[height,width,3], got float32[2]", Refused("image_a", NdArray.Zeros(DType.Float32, 2)));
        Assert.Contains("got uint8[2,3,4]", Refused("image_a", NdArray.Zeros(DType.UInt8, 2, 3, 4)));
        Assert.Contains("got uint8[0,3,3]", Refused("image_a", NdArray.Zeros(DType.UInt8, 0, 3, 3)));
        Assert.Contains("'proprio': expected float32[dim], got float64[2]", Refused("proprio", NdArray.Zeros(DType.Float64, 2)));
        Assert.Contains("got float32[1,2]", Refused("proprio", NdArray.Zeros(DType.Float32, 1, 2)));

        static string Refused(string key, NdArray array) => Assert.Throws<ArgumentException>(() =>
            new Observation(TimeSpan.Zero, new Dictionary<string, NdArray> { [key] = array })).Message;
    }

    [Fact]
    public void AnObservation_TakesEncodedImages_OfOtherCamerasThanItsPixels()
    {
        var arrays = new Dictionary<string, NdArray> { ["image_a"] = Image };
        var observation = new Observation(TimeSpan.Zero, arrays, Encoded("image_b", 1));
        Assert.True(observation.Contains("image_a") && observation.Contains("image_b") && !observation.Contains("image_c"));
        Assert.Contains("given twice", Assert.Throws<ArgumentException>(() => new Observation(TimeSpan.Zero, arrays, Encoded("image_a", 1))).Message);
        Assert.Contains("got none", Assert.Throws<ArgumentException>(() => new Observation(TimeSpan.Zero, arrays, Encoded("image_b", 0))).Message);
        Assert.Contains("starts with 'image_'", Assert.Throws<ArgumentException>(() => new Observation(TimeSpan.Zero, arrays, Encoded("b", 1))).Message);

        static Dictionary<string, ReadOnlyMemory<byte>> Encoded(string key, int length) => new() { [key] = new byte[length] };
    }

    [Fact]
    public void AChunksSteps_FollowTheObservation_PeriodByPeriod()
    {
        var chunk = new ActionChunk(new float[] { 1, 2, 3, 4, 5, 6 }, 2, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(0.2));
        Assert.Equal((3, 2), (chunk.Horizon, chunk.Dimension));
        Assert.Equal([3, 4], chunk[1].ToArray());
        Assert.Equal(TimeSpan.FromSeconds(10.4), chunk.TimeOf(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => chunk[3].Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => chunk[-1].Length);
    }

    [Fact]
    public void StepAt_IsTheStepWhoseTimeIsNearest() =>
        Gen.Select(Gen.Int[-5, 20], Gen.Double[-0.49, 0.49], Gen.Double[0.001, 2]).Sample((step, offset, period) =>
        {
            var chunk = new ActionChunk(new float[1], 1, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(period));
            Assert.Equal(step, chunk.StepAt(chunk.TimeOf(step) + offset * chunk.Period));
        });

    [Fact]
    public void AChunk_OfAWrongLengthOrPeriod_IsRefused()
    {
        Assert.Contains("[horizon,2]", Refused(new float[3], 2, 1));
        Assert.Contains("got 0 values", Refused([], 2, 1));
        Assert.Contains("[horizon,0]", Refused(new float[3], 0, 1));
        Assert.Contains("positive period", Refused(new float[2], 2, 0));

        static string Refused(float[] actions, int dimension, int seconds) => Assert.Throws<ArgumentException>(() =>
            new ActionChunk(actions, dimension, TimeSpan.Zero, TimeSpan.FromSeconds(seconds))).Message;
    }

    private static Dictionary<string, NdArray> Goal(byte[] pixels, int height, int width, int channels, string key = "image_primary") =>
        new() { [key] = NdArray.From(pixels, height, width, channels) };
}
