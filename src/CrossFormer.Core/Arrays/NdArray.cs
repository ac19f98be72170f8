using System.Runtime.InteropServices;

namespace CrossFormer.Arrays;

/// <summary>An array in memory: element type, shape, and its elements in C order. Immutable by convention: who receives one does not write to it.</summary>
public sealed class NdArray
{
    /// <summary>Wraps <paramref name="bytes"/> without copying.</summary>
    /// <param name="dtype">Element type.</param>
    /// <param name="shape">Dimensions, outermost first; empty for a scalar.</param>
    /// <param name="bytes">Little-endian elements in C order; exactly as many as the shape says.</param>
    /// <exception cref="ArgumentException">The number of bytes does not fit the shape.</exception>
    public NdArray(DType dtype, int[] shape, ReadOnlyMemory<byte> bytes)
    {
        var expected = checked(ElementCount(shape) * dtype.Size());
        if (bytes.Length != expected)
            throw new ArgumentException($"An array of {dtype.NumpyName()}[{string.Join(',', shape)}] has {expected} bytes, got {bytes.Length}.", nameof(bytes));
        (DType, Shape, Bytes) = (dtype, shape, bytes);
    }

    /// <summary>Element type.</summary>
    public DType DType { get; }

    /// <summary>Dimensions, outermost first; empty for a scalar.</summary>
    public int[] Shape { get; }

    /// <summary>Little-endian elements in C order.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Number of elements.</summary>
    public int Count => Bytes.Length / DType.Size();

    /// <summary>Copies <paramref name="values"/> into a new array.</summary>
    public static NdArray From<T>(ReadOnlySpan<T> values, params int[] shape) where T : unmanaged =>
        new(DTypeOf<T>(), shape, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>Copies <paramref name="values"/> into a new array.</summary>
    public static NdArray From<T>(T[] values, params int[] shape) where T : unmanaged => From((ReadOnlySpan<T>)values, shape);

    /// <summary>A new array of zeros.</summary>
    public static NdArray Zeros(DType dtype, params int[] shape) => new(dtype, shape, new byte[checked(ElementCount(shape) * dtype.Size())]);

    /// <summary>The elements as <typeparamref name="T"/>, without copying.</summary>
    /// <exception cref="InvalidOperationException">The array holds another type.</exception>
    public ReadOnlySpan<T> AsSpan<T>() where T : unmanaged =>
        DTypeOf<T>() == DType
            ? MemoryMarshal.Cast<byte, T>(Bytes.Span)
            : throw new InvalidOperationException($"Expected an array of {DTypeOf<T>().NumpyName()}, got {this}.");

    /// <summary>The elements converted to float32 (bool: 0 or 1; wider types rounded).</summary>
    public float[] ToSingles()
    {
        var result = new float[Count];
        var b = Bytes.Span;
        for (var i = 0; i < result.Length; i++)
            result[i] = (float)ElementAt(b, i);
        return result;
    }

    /// <summary>The elements converted to float64 (bool: 0 or 1).</summary>
    public double[] ToDoubles()
    {
        var result = new double[Count];
        var b = Bytes.Span;
        for (var i = 0; i < result.Length; i++)
            result[i] = ElementAt(b, i);
        return result;
    }

    /// <summary>The same elements under another shape of equal size.</summary>
    public NdArray Reshape(params int[] shape) => new(DType, shape, Bytes);

    /// <inheritdoc/>
    public override string ToString() => $"{DType.NumpyName()}[{string.Join(',', Shape)}]";

    /// <summary>Product of the dimensions; 1 for a scalar.</summary>
    /// <exception cref="ArgumentException">A dimension is negative.</exception>
    /// <exception cref="OverflowException">The product exceeds 2^31−1.</exception>
    public static int ElementCount(ReadOnlySpan<int> shape)
    {
        long n = 1;
        foreach (var d in shape)
        {
            if (d < 0)
                throw new ArgumentException($"Negative dimension {d} in shape.", nameof(shape));
            n = checked(n * d);
        }

        return checked((int)n);
    }

    private double ElementAt(ReadOnlySpan<byte> b, int i) => DType switch
    {
        DType.Bool or DType.UInt8 => b[i],
        DType.Int8 => (sbyte)b[i],
        DType.UInt16 => MemoryMarshal.Cast<byte, ushort>(b)[i],
        DType.Int16 => MemoryMarshal.Cast<byte, short>(b)[i],
        DType.UInt32 => MemoryMarshal.Cast<byte, uint>(b)[i],
        DType.Int32 => MemoryMarshal.Cast<byte, int>(b)[i],
        DType.UInt64 => MemoryMarshal.Cast<byte, ulong>(b)[i],
        DType.Int64 => MemoryMarshal.Cast<byte, long>(b)[i],
        DType.Float16 => (double)MemoryMarshal.Cast<byte, Half>(b)[i],
        DType.BFloat16 => BitConverter.Int32BitsToSingle(MemoryMarshal.Cast<byte, ushort>(b)[i] << 16),
        DType.Float32 => MemoryMarshal.Cast<byte, float>(b)[i],
        DType.Float64 => MemoryMarshal.Cast<byte, double>(b)[i],
        _ => throw new InvalidOperationException($"Unknown dtype {DType}."),
    };

    private static DType DTypeOf<T>() =>
        typeof(T) == typeof(float) ? DType.Float32 : typeof(T) == typeof(byte) ? DType.UInt8 : typeof(T) == typeof(bool) ? DType.Bool :
        typeof(T) == typeof(double) ? DType.Float64 : typeof(T) == typeof(int) ? DType.Int32 : typeof(T) == typeof(long) ? DType.Int64 :
        typeof(T) == typeof(ushort) ? DType.UInt16 : typeof(T) == typeof(short) ? DType.Int16 : typeof(T) == typeof(sbyte) ? DType.Int8 :
        typeof(T) == typeof(uint) ? DType.UInt32 : typeof(T) == typeof(ulong) ? DType.UInt64 : typeof(T) == typeof(Half) ? DType.Float16 :
        throw new NotSupportedException($"{typeof(T)} is no element type of an array.");
}
