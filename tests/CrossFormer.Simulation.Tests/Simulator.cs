using CrossFormer.Simulation.MuJoCo;
using CrossFormer.Simulation.Rendering;

namespace CrossFormer.Simulation.Tests;

/// <summary>Opens simulated robots; the running test is skipped, saying what to install, where there is no simulator.</summary>
internal static class Simulator
{
    public static SimulatedEnvironment Open(string task, bool render = false)
    {
        Require(render);
        return new SimulatedEnvironment(task, render);
    }

    public static void Require(bool render = false)
    {
        Assert.SkipUnless(MuJoCoLibrary.Problem is null, MuJoCoLibrary.Problem ?? "");
        if (render)
            Assert.SkipUnless(OffscreenGl.Problem is null, OffscreenGl.Problem ?? "");
    }
}
