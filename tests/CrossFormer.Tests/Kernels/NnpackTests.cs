using CrossFormer.Kernels;
using static TorchSharp.torch;

namespace CrossFormer.Tests.Kernels;

public sealed class NnpackTests
{
    [Fact]
    public void Switch_IsWhereThisLibtorchHasIt()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The switch is called by the name that it has on Linux.");
        using var loaded = zeros(1);
        Assert.True(Nnpack.Disable());
    }
}
