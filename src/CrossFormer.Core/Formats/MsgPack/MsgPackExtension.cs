namespace CrossFormer.Formats;

/// <summary>The extension types that Flax (and orbax: the tuple) adds to msgpack. Each payload is msgpack itself.</summary>
internal static class MsgPackExtension
{
    /// <summary>[shape, dtype name, raw bytes in C order].</summary>
    public const sbyte NdArray = 1;

    /// <summary>[real part, imaginary part].</summary>
    public const sbyte Complex = 2;

    /// <summary>As <see cref="NdArray"/>, without dimensions.</summary>
    public const sbyte NumpyScalar = 3;

    /// <summary>An array of values.</summary>
    public const sbyte Tuple = 4;
}
