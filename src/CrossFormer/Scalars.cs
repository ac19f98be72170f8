using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer;

/// <summary>Numbers as libtorch takes them beside tensors, and gives them, kept for as long as it reads them.</summary>
/// <remarks>
/// TorchSharp 0.107 leaves the native number behind a <see cref="Scalar"/> to a finalizer. While <c>x.mul(3)</c> runs, nothing holds the
/// scalar but libtorch, of which the garbage collector knows nothing: a collection just then frees what is about to be read, and the call
/// fails, with "Unknown scalar type" or otherwise, or may compute with another number. It ended one training after seven thousand steps.
/// So nothing here converts implicitly (<c>build/BannedSymbols.Torch.txt</c>).
/// </remarks>
internal static class Scalars
{
    // A call keeps its thread, and takes fewer: what the thread has made last cannot go while the call runs.
    private const int Kept = 16;

    [ThreadStatic]
    private static Scalar?[]? _kept;

    [ThreadStatic]
    private static int _next;

#pragma warning disable RS0030 // here they are kept
    /// <summary>A floating-point scalar.</summary>
    public static Scalar Of(double value) => Keep(value);

    /// <summary>A floating-point scalar of float32's precision.</summary>
    public static Scalar Of(float value) => Keep(value);

    /// <summary>An integer scalar.</summary>
    public static Scalar Of(int value) => Keep(value);

    /// <summary>A Boolean scalar.</summary>
    public static Scalar Of(bool value) => Keep(value);

    /// <summary>The one number of a tensor, whatever its type; integers beyond 2⁵³ are rounded.</summary>
    public static double Number(Tensor tensor)
    {
        using var scalar = tensor.ToScalar();
        GC.KeepAlive(tensor);
        return scalar.ToDouble();
    }
#pragma warning restore RS0030

    private static Scalar Keep(Scalar scalar)
    {
        var kept = _kept ??= new Scalar?[Kept];
        kept[_next] = scalar;
        _next = (_next + 1) % Kept;
        return scalar;
    }
}
