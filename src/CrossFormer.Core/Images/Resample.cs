namespace CrossFormer.Images;

/// <summary>Scale-and-translate resampling as its definition says, in float32: rows first, then columns.</summary>
internal static class Resample
{
    /// <summary>[height, width, channels] to [newHeight, newWidth, channels].</summary>
    public static float[] Apply(ResampleKernel kernel, ReadOnlySpan<float> source, int height, int width, int channels, int newHeight, int newWidth)
    {
        var (rows, columns) = (ResampleWeights.For(kernel, height, newHeight), ResampleWeights.For(kernel, width, newWidth));
        var tall = new float[checked(newHeight * width * channels)];
        for (var y = 0; y < newHeight; y++)
        {
            for (var k = 0; k < rows.Counts[y]; k++)
            {
                var weight = rows.Weights[(y * rows.Taps) + k];
                var line = source.Slice((rows.Starts[y] + k) * width * channels, width * channels);
                for (var i = 0; i < line.Length; i++)
                    tall[(y * width * channels) + i] += weight * line[i];
            }
        }

        var result = new float[checked(newHeight * newWidth * channels)];
        for (var i = 0; i < newHeight * newWidth; i++)
        {
            var (y, x) = Math.DivRem(i, newWidth);
            for (var k = 0; k < columns.Counts[x]; k++)
            {
                var weight = columns.Weights[(x * columns.Taps) + k];
                for (var c = 0; c < channels; c++)
                    result[(i * channels) + c] += weight * tall[(((y * width) + columns.Starts[x] + k) * channels) + c];
            }
        }

        return result;
    }
}
