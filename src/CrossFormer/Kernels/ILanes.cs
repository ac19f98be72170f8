namespace CrossFormer.Kernels;

/// <summary>
/// One SIMD width over one element type in memory, computing in float32. Kernels are generic over it, so each is written once and
/// compiled for AVX-512, AVX2 and single numbers, float32 and bfloat16.
/// </summary>
/// <typeparam name="TVector">A vector of float32.</typeparam>
/// <typeparam name="TElement">What lies in memory.</typeparam>
internal unsafe interface ILanes<TVector, TElement>
    where TVector : unmanaged
    where TElement : unmanaged
{
    static abstract int Count { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Broadcast(float value);

    static abstract TVector Load(TElement* source);

    static abstract void Store(TElement* destination, TVector value);

    static abstract TVector LoadFloat(float* source);

    static abstract void StoreFloat(float* destination, TVector value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    static abstract TVector SquareRoot(TVector value);

    static abstract TVector Max(TVector a, TVector b);

    /// <summary>a·b + c.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>The value where the gate is above zero, else zero.</summary>
    static abstract TVector WherePositive(TVector gate, TVector value);

    static abstract float Sum(TVector value);

    /// <summary>What <see cref="Load"/> gives back after <see cref="Store"/>.</summary>
    static abstract TVector Round(TVector value);
}
