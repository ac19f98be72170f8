using CrossFormer.Policies;
using CrossFormer.Simulation.Episodes;

namespace CrossFormer.Simulation.Tests.Episodes;

public sealed class PolicyFitTests
{
    [Fact]
    public void TheRobotsOwnProfile_Fits()
    {
        using var environment = Simulator.Open("single_arm");

        PolicyFit.Require(environment, environment.Profile);
    }

    [Theory]
    [InlineData("bimanual", "camera 'image_high'")]
    [InlineData("sim_nav", "camera 'image_nav'")]
    [InlineData("quadruped", "'proprio_quadruped'")]
    [InlineData("single_arm", "it acts 50 times")]
    public void AnotherRobotsPolicy_IsRefusedWithWhatDiffers(string profile, string difference)
    {
        using var environment = Simulator.Open("single_arm");
        var policy = EmbodimentProfile.Load(profile);
        if (profile == "single_arm")
            policy = policy with { ControlRate = 50 };

        var error = Assert.Throws<ArgumentException>(() => PolicyFit.Require(environment, policy));

        Assert.Contains(difference, error.Message);
    }

    [Fact]
    public void OtherDimensions_AreRefusedBeforeTheFirstStep()
    {
        Simulator.Require();
        var wide = EmbodimentProfile.Load("sim_quadruped") with { Proprioception = [new ProprioceptionInput("proprio_quadruped", 46, Statistics.Normalization.Normal)] };

        var error = Assert.Throws<ArgumentException>(() => Evaluation.Run("quadruped", _ => new CountingPolicy(wide), sees: false, cancellation: TestContext.Current.CancellationToken));

        Assert.Contains("46 values, the robot gives 59", error.Message);
    }
}
