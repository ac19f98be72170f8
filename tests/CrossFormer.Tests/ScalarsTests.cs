using System.Runtime.CompilerServices;
using TorchSharp;

namespace CrossFormer.Tests;

public sealed class ScalarsTests
{
    // While a call runs, nothing but this holds what libtorch reads.
    [Fact]
    public void Scalar_OutlivesCollectionsUntilOthersTakeItsPlace()
    {
        var (first, second) = (Make(2), Make(3));
        Collect();
        Assert.True(first.IsAlive && second.IsAlive);

        for (var i = 0; i < 16; i++)
            Make(i);
        Collect();
        Assert.False(first.IsAlive || second.IsAlive);
    }

    [Fact]
    public void Numbers_KeepTheirKind()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(
            (torch.ScalarType.Float64, torch.ScalarType.Float64, torch.ScalarType.Int64, torch.ScalarType.Bool),
            (Scalars.Of(1.0).Type, Scalars.Of(1f).Type, Scalars.Of(1).Type, Scalars.Of(true).Type));
        Assert.Equal(2.5, Scalars.Number(torch.tensor(2.5f)));
        Assert.Equal(7, Scalars.Number(torch.tensor(7)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Make(int value) => new(Scalars.Of(value));

    private static void Collect()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
    }
}
