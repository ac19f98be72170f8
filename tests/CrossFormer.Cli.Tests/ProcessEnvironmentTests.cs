using CrossFormer.Cli.Tests.House;

namespace CrossFormer.Cli.Tests;

public sealed class ProcessEnvironmentTests
{
    [Theory]
    [InlineData(null, "20000")]
    [InlineData("PASSIVE", "20000")]
    [InlineData("ACTIVE", "30000000000")]
    public async Task WaitPolicy_ReachesTheOpenMPRuntimeUnlessTheUserChose(string? chosen, string spins)
    {
        // libgomp prints what it goes by when torch loads it: how often a waiting thread looks before it sleeps. (What it
        // prints as OMP_WAIT_POLICY is PASSIVE even when unset, with 300000 spins.)
        var run = await ProcessRun.OfAsync(
            Path.Combine(AppContext.BaseDirectory, "CrossFormer.Cli"), ["doctor"], environment: [("OMP_WAIT_POLICY", chosen), ("OMP_DISPLAY_ENV", "VERBOSE")]);

        Assert.Contains($"GOMP_SPINCOUNT = '{spins}'", run.Error);
    }
}
