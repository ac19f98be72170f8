using System.Text;

namespace CrossFormer.Arrays;

/// <summary>
/// Deterministic values made from a name, equal in every language: FNV-1a 64 of the name seeds splitmix64's finaliser at
/// each C-order index. The golden inputs are made so, and so are the weights of a model that was given none.
/// </summary>
public static class Formula
{
    /// <summary>Values in [0, 1).</summary>
    public static double[] Unit(string name, params int[] shape)
    {
        var (seed, values) = (Seed(name), new double[NdArray.ElementCount(shape)]);
        for (var i = 0; i < values.Length; i++)
            values[i] = (Bits(seed, i) >> 40) / 16777216.0;
        return values;
    }

    /// <summary>float32 values in [−<paramref name="scale"/>, <paramref name="scale"/>), computed in float64.</summary>
    public static NdArray Symmetric(string name, double scale, params int[] shape)
    {
        var values = new float[NdArray.ElementCount(shape)];
        FillSymmetric(name, scale, values);
        return NdArray.From(values, shape);
    }

    /// <summary>As <see cref="Symmetric"/>, into the caller's memory.</summary>
    public static void FillSymmetric(string name, double scale, Span<float> destination)
    {
        var seed = Seed(name);
        for (var i = 0; i < destination.Length; i++)
            destination[i] = (float)((2 * ((Bits(seed, i) >> 40) / 16777216.0) - 1) * scale);
    }

    /// <summary>uint8 pixels over the whole range.</summary>
    public static NdArray Image(string name, params int[] shape)
    {
        var (seed, values) = (Seed(name), new byte[NdArray.ElementCount(shape)]);
        for (var i = 0; i < values.Length; i++)
            values[i] = (byte)(Bits(seed, i) >> 56);
        return new NdArray(DType.UInt8, shape, values);
    }

    /// <summary>A parameter's value by its Flax path: kernels uniform with variance 1/fan-in, scales near 1, biases and embeddings small.</summary>
    /// <param name="path">Flax path joined by '/', for example <c>heads_nav/mean_proj/kernel</c>.</param>
    /// <param name="shape">The parameter's shape in Flax's layout; decides the kernel's fan-in.</param>
    /// <param name="destination">As many elements as the shape has.</param>
    public static void FillParameter(string path, ReadOnlySpan<int> shape, Span<float> destination)
    {
        var segments = path.Split('/');
        var (parent, leaf) = (segments.Length > 1 ? segments[^2] : "", segments[^1]);
        if (leaf == "scale")
        {
            var seed = Seed(path);
            for (var i = 0; i < destination.Length; i++)
                destination[i] = (float)(1 + 0.1 * (2 * ((Bits(seed, i) >> 40) / 16777216.0) - 1));
            return;
        }

        var fanIn = leaf != "kernel" ? 1 : parent is "query" or "key" or "value" ? shape[0] : NdArray.ElementCount(shape[..^1]);
        var scale =
            leaf == "kernel" ? Math.Sqrt(3.0 / fanIn) :
            leaf.EndsWith("pos_embedding") || leaf == "pos_embed" ? 0.3 :
            leaf == "probe" ? 0.5 : 0.1;
        FillSymmetric(path, scale, destination);
    }

    private static ulong Seed(string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ b) * 1099511628211UL;
        return hash;
    }

    private static ulong Bits(ulong seed, int index)
    {
        var z = seed + ((ulong)index + 1) * 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
