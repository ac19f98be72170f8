using System.Runtime.CompilerServices;

namespace CrossFormer.Kernels;

/// <summary>One number at a time over bfloat16: the plain twin of the SIMD widths, with the same roundings.</summary>
internal readonly unsafe struct BFloat16x1 : ILanes<float, ushort>
{
    public static int Count => 1;

    public static float Zero => 0;

    public static float Broadcast(float value) => value;

    public static float Load(ushort* source) => BitConverter.UInt32BitsToSingle((uint)*source << 16);

    public static void Store(ushort* destination, float value) => *destination = (ushort)Rounded(value);

    public static float LoadFloat(float* source) => *source;

    public static void StoreFloat(float* destination, float value) => *destination = value;

    public static float Add(float a, float b) => a + b;

    public static float Subtract(float a, float b) => a - b;

    public static float Multiply(float a, float b) => a * b;

    public static float Divide(float a, float b) => a / b;

    public static float SquareRoot(float value) => MathF.Sqrt(value);

    public static float Max(float a, float b) => MathF.Max(a, b);

    public static float MultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    public static float WherePositive(float gate, float value) => gate > 0 ? value : 0;

    public static float Sum(float value) => value;

    public static float Round(float value) => BitConverter.UInt32BitsToSingle(Rounded(value) << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Rounded(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    }
}
