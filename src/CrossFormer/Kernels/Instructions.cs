using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossFormer.Kernels;

/// <summary>What this processor offers. <c>DOTNET_EnableAVX512F=0</c> and <c>DOTNET_EnableAVX2=0</c> take kernels away for tests.</summary>
public static class Instructions
{
    /// <summary>Vectors of 16 floats.</summary>
    public static bool HasAvx512 => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>Vectors of 8 floats with fused multiply-add.</summary>
    public static bool HasAvx2 => Vector256.IsHardwareAccelerated && Avx2.IsSupported && Fma.IsSupported;

    /// <summary>Whether matrix products in bfloat16 are faster than in float32: AVX512-BF16 or AMX-BF16.</summary>
    public static bool HasFastBFloat16 => HasAvx512BFloat16 || HasAmxBFloat16;

    /// <summary>AVX512-BF16: dot products of bfloat16 pairs.</summary>
    public static bool HasAvx512BFloat16 { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;

    /// <summary>AMX-BF16: tiles of bfloat16.</summary>
    public static bool HasAmxBFloat16 { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Edx & (1 << 22)) != 0;
}
