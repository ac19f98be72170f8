using System.Runtime.InteropServices;

namespace CrossFormer.Kernels;

/// <summary>
/// Torch asks NNPACK for small convolutions outside training. On processors that NNPACK does not know, each such call writes a warning
/// to standard error; on others, numbers would depend on the machine. TorchSharp has no switch for it, so libtorch's own is called by its name.
/// </summary>
internal static unsafe class Nnpack
{
    private static readonly Lazy<bool> Off = new(TurnOff);

    /// <summary>Turns it off for this process, once libtorch is loaded.</summary>
    /// <returns>Whether that worked; where libtorch has other names nothing happens.</returns>
    public static bool Disable() => Off.Value;

    private static bool TurnOff()
    {
        if (!NativeLibrary.TryLoad("libtorch_cpu.so", out var torch)
            || !NativeLibrary.TryGetExport(torch, "_ZN2at13globalContextEv", out var context)
            || !NativeLibrary.TryGetExport(torch, "_ZN2at7Context20setUserEnabledNNPACKEb", out var enable))
        {
            return false;
        }

        ((delegate* unmanaged<nint, byte, void>)enable)(((delegate* unmanaged<nint>)context)(), 0);
        return true;
    }
}
