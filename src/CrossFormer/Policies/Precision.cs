using System.Text.Json.Serialization;
using CrossFormer.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Policies;

/// <summary>What an acting model's matrix products are computed in. Norms, residuals and heads are float32 in either.</summary>
public enum Precision
{
    /// <summary>As the reference: equal to it within rounding.</summary>
    Float32,
    /// <summary>Half the memory and several times the speed on processors with bfloat16 instructions; actions differ slightly (see <c>bench act</c>).</summary>
    [JsonStringEnumMemberName("bfloat16")]
    BFloat16,
}

/// <summary>Which precision a machine can run well.</summary>
public static class Precisions
{
    /// <summary>The wanted precision, or float32 with the reason where bfloat16 would be slower.</summary>
    /// <param name="wanted">What the user asked for.</param>
    /// <param name="device">Where the model runs.</param>
    /// <param name="reason">Why another precision was chosen; null when it was not.</param>
    public static Precision Choose(Precision wanted, DeviceType device, out string? reason)
    {
        reason = wanted == Precision.BFloat16 && device == DeviceType.CPU && !Instructions.HasFastBFloat16
            ? "this processor has no bfloat16 instructions (AVX512-BF16 or AMX-BF16), where bfloat16 is slower; using float32"
            : null;
        return reason is null ? wanted : Precision.Float32;
    }

    internal static ScalarType ToScalarType(this Precision precision) => precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
}
