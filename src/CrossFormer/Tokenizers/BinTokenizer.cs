using static TorchSharp.torch;

namespace CrossFormer.Tokenizers;

/// <summary>How a range is cut into bins.</summary>
public enum BinType
{
    /// <summary>Equal width between low and high; values outside fall into the outermost bins.</summary>
    Uniform,
    /// <summary>Equal probability under a unit normal; values beyond the outermost edges (±4.75) fall into bin 0, as in the reference.</summary>
    Normal,
}

/// <summary>Sorts numbers into bins (reference: tokenizers.py, BinTokenizer).</summary>
internal sealed class BinTokenizer
{
    private const double Epsilon = 1e-6;
    private readonly float[] _edges;
    private readonly (float Low, float High)? _clip;

    public BinTokenizer(int bins, BinType type, double low, double high)
    {
        Bins = bins;
        _edges = new float[bins + 1];
        for (var i = 0; i <= bins; i++)
        {
            var fraction = (double)i / bins;
            _edges[i] = type == BinType.Uniform
                ? (float)(low + (high - low) * fraction)
                : (float)NormalQuantile((float)(Epsilon + (1 - 2 * Epsilon) * fraction));
        }

        _clip = type == BinType.Uniform ? ((float)(low + Epsilon), (float)(high - Epsilon)) : null;
    }

    public int Bins { get; }

    /// <summary>Any shape → int64 of the same shape, in [0, bins).</summary>
    public Tensor Encode(Tensor values)
    {
        using var scope = NewDisposeScope();
        var x = (_clip is { } c ? values.clamp(Scalars.Of(c.Low), Scalars.Of(c.High)) : values).unsqueeze(-1);
        var edges = tensor(_edges).to(values.device);
        var inBin = x.lt(edges.narrow(0, 1, Bins)).logical_and(x.ge(edges.narrow(0, 0, Bins)));
        // Outside every bin all flags are false, and the first of equal maxima is bin 0.
        return inBin.to(ScalarType.Int32).argmax(-1).MoveToOuterDisposeScope();
    }

    /// <summary>Bins → the middle of each bin, float32.</summary>
    public Tensor Decode(Tensor bins)
    {
        using var scope = NewDisposeScope();
        var edges = tensor(_edges).to(bins.device);
        var middles = (edges.narrow(0, 1, Bins) + edges.narrow(0, 0, Bins)) / Scalars.Of(2);
        return middles.index_select(0, bins.flatten()).view(bins.shape).MoveToOuterDisposeScope();
    }

    private static double NormalQuantile(double p)
    {
        using var scope = NewDisposeScope();
        return Math.Sqrt(2) * Scalars.Number(special.erfinv(tensor(2 * p - 1, ScalarType.Float64)));
    }
}
