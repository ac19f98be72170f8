using CrossFormer.Policies;
using CsCheck;

namespace CrossFormer.Core.Tests.Policies;

public class ActionLimitsTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.5);
    private static readonly ActionDimension Gripper = new("gripper", "open", ActionKind.Absolute, 0, 1, Hysteresis: new Hysteresis(0.25f, 0.75f));

    [Fact]
    public void AnAbsoluteDimension_IsClampedToItsRange_ThenToItsSpeed()
    {
        var limits = new ActionLimits([new ActionDimension("j", "rad", ActionKind.Absolute, -1, 1, MaxVelocity: 0.5f)], Period);
        Assert.Equal([1f], Apply(limits, 5)); // nothing is known of where the robot is
        Assert.Equal([0.75f], Apply(limits, -9));
        Assert.Equal([0.5f], Apply(limits, -9));
        Assert.Equal([0.6f], Apply(limits, 0.6f));
    }

    [Fact]
    public void ADeltaDimension_IsItsSpeedTimesThePeriodAtMost_WhateverWentBefore()
    {
        var limits = new ActionLimits([new ActionDimension("x", "m", ActionKind.Delta, MaxVelocity: 0.5f)], Period);
        Assert.Equal([0.25f], Apply(limits, 5));
        Assert.Equal([-0.25f], Apply(limits, -5));
        Assert.Equal([0.1f], Apply(limits, 0.1f));
    }

    [Fact]
    public void Reset_WithThePosition_LimitsTheFirstActionsSpeed()
    {
        var limits = new ActionLimits([new ActionDimension("j", "rad", MaxVelocity: 1)], Period);
        limits.Reset([2f]);
        Assert.Equal([2.5f], Apply(limits, 10));
        limits.Reset();
        Assert.Equal([10f], Apply(limits, 10));
    }

    [Fact]
    public void ARobotOutsideItsRange_ReturnsAtItsSpeed_NotAtOnce()
    {
        var limits = new ActionLimits([new ActionDimension("j", "rad", ActionKind.Absolute, 0, 1, MaxVelocity: 1)], Period);
        limits.Reset([3f]);
        Assert.Equal([2.5f], Apply(limits, 0.5f));
    }

    [Fact]
    public void OfTwoPositions_OneIsKept_UntilTheValueIsBeyondTheOthersPoint()
    {
        var limits = new ActionLimits([Gripper, new ActionDimension("x", "m")], Period);
        foreach (var (wanted, sent) in ((float, float)[])[(0.6f, 1), (0.26f, 1), (0.25f, 0), (0.74f, 0), (0.75f, 1), (-3, 0), (0.5f, 0), (3, 1)])
        {
            float[] action = [wanted, wanted];
            Assert.Equal(0, limits.Apply(action)); // a decision is no limit
            Assert.Equal([sent, wanted], action);
        }
    }

    [Fact]
    public void OfTwoPositions_TheRobotsOwnIsKept()
    {
        var limits = new ActionLimits([Gripper], Period);
        limits.Reset([0.1f]);
        Assert.Equal([0f], Apply(limits, 0.6f));
        limits.Reset([0.9f]);
        Assert.Equal([1f], Apply(limits, 0.4f));
        limits.Reset();
        Assert.Equal([0f], Apply(limits, 0.4f));
    }

    [Fact]
    public void OfTwoPositions_TheOtherIsReachedNoFasterThanTheSpeedAllows_EvenIfTheValueFallsBack()
    {
        var limits = new ActionLimits([Gripper with { MaxVelocity = 0.5f }], Period);
        limits.Reset([0f]);
        Assert.Equal([0.25f], Apply(limits, 0.8f));
        Assert.Equal([0.5f], Apply(limits, 0.3f));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(0f, null)]
    [InlineData(0f, 0.5f)]
    [InlineData(0.6f, 1f)]
    public void TwoPositions_ThatCannotBothBeReached_AreRefused(float? minimum, float? maximum) =>
        Assert.Contains("'gripper': expected a hysteresis", Assert.Throws<ArgumentException>(
            () => new ActionLimits([Gripper with { Minimum = minimum, Maximum = maximum }], Period)).Message);

    [Fact]
    public void Apply_NeverLeavesRangeOrSpeed_AndIsIdempotentWithinThem() =>
        Gen.Select(Gen.Float[-1, 0], Gen.Float[0, 1], Gen.Float[0.01f, 3], Gen.Float[-5, 5].Array[1, 20]).Sample((low, high, speed, wanted) =>
        {
            var limits = new ActionLimits([new ActionDimension("j", "rad", ActionKind.Absolute, low, high, speed)], Period);
            limits.Reset([0f]);
            var (previous, step) = (0f, (float)(speed * 0.5));
            foreach (var value in wanted)
            {
                float[] action = [value];
                var changed = limits.Apply(action);
                Assert.InRange(action[0], MathF.Max(low, previous - step), MathF.Min(high, previous + step));
                Assert.Equal(action[0] == value ? 0 : 1, changed);
                if (value >= low && value <= high && value >= previous - step && value <= previous + step)
                    Assert.Equal(value, action[0]);
                previous = action[0];
            }
        });

    [Fact]
    public void WithoutLimits_ActionsPassBitForBit() => Gen.Float.Where(float.IsFinite).Sample(value =>
    {
        var limits = new ActionLimits([new ActionDimension("j", "rad")], Period);
        Assert.Equal(BitConverter.SingleToInt32Bits(value), BitConverter.SingleToInt32Bits(Apply(limits, value)[0]));
    });

    [Fact]
    public void ANonFiniteValue_IsNamed_AndNothingIsRemembered()
    {
        var limits = new ActionLimits([new ActionDimension("a", "rad", MaxVelocity: 1), new ActionDimension("b", "rad")], Period);
        limits.Reset([0, 0]);
        var error = Assert.Throws<NonFiniteActionException>(() => limits.Apply([0.5f, float.NaN]));
        Assert.Equal((0, 1, "b"), (error.Step, error.Dimension, error.Name));
        float[] action = [9, 0];
        limits.Apply(action);
        Assert.Equal(0.5f, action[0]);
    }

    [Fact]
    public void WrongLengths_AreRefused()
    {
        var limits = new ActionLimits([new ActionDimension("a", "rad")], Period);
        Assert.Contains("expected 1 dimensions", Assert.Throws<ArgumentException>(() => limits.Apply(new float[2])).Message);
        Assert.Throws<ArgumentException>(() => limits.Reset(new float[2]));
        Assert.Contains("finite", Assert.Throws<ArgumentException>(() => limits.Reset([float.NaN])).Message);
        Assert.Throws<ArgumentException>(() => new ActionLimits([], Period));
        Assert.Throws<ArgumentException>(() => new ActionLimits([new ActionDimension("a", "rad")], TimeSpan.Zero));
    }

    private static float[] Apply(ActionLimits limits, params float[] action)
    {
        limits.Apply(action);
        return action;
    }
}
