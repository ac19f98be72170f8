using CrossFormer.Arrays;

namespace CrossFormer.Images;

/// <summary>
/// The reference's depth resize: <c>tf.image.resize(method="bilinear", antialias=True)</c> in float32. Unlike Lanczos it
/// makes no depth that no neighbour has.
/// </summary>
public static class DepthResize
{
    /// <summary>Resizes a depth image.</summary>
    /// <param name="depth">float32 [H, W].</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="width">Columns of the result, at least 1.</param>
    /// <returns>float32 [height, width].</returns>
    /// <exception cref="ArgumentException">The array is no such image.</exception>
    public static NdArray Resize(NdArray depth, int height, int width)
    {
        if (depth.DType != DType.Float32 || depth.Shape is not [> 0, > 0])
            throw new ArgumentException($"Expected a depth image float32[H,W] with at least one pixel, got {depth}.", nameof(depth));
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return NdArray.From(Resample.Apply(ResampleKernel.Triangle, depth.AsSpan<float>(), depth.Shape[0], depth.Shape[1], 1, height, width), height, width);
    }
}
