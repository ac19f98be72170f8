// R rows · C columns (channels)
namespace CrossFormer.Kernels;

/// <summary>
/// Passes over a matrix whose columns are normalised: activations with a column for each channel, kernels with one for each output.
/// Per column there are a mean, a gain and a shift, and going backward a slope and an offset; all float32 arrays laid one behind the
/// other. Each pass handles a range of rows, so that callers can spread it over threads.
/// </summary>
internal static unsafe class ColumnPasses
{
    // Sums run in float32 over this many rows and then go to float64: as accurate as a two-pass algorithm at one pass' cost.
    private const int RowsPerFlush = 256;

    /// <summary>Adds each column's sum and sum of squares to <paramref name="sums"/>: all sums first, then all squares.</summary>
    public static void Accumulate<TLanes, TVector, TElement>(TElement* x, int first, int last, int columns, Span<double> sums)
        where TLanes : struct, ILanes<TVector, TElement>
        where TVector : unmanaged
        where TElement : unmanaged
    {
        var n = TLanes.Count;
        var flush = stackalloc float[4 * n];
        for (var start = first; start < last; start += RowsPerFlush)
        {
            var end = Math.Min(start + RowsPerFlush, last);
            for (var c = 0; c < columns; c += 2 * n)
            {
                TVector s0 = TLanes.Zero, s1 = TLanes.Zero, q0 = TLanes.Zero, q1 = TLanes.Zero;
                var p = x + (long)start * columns + c;
                for (var r = start; r < end; r++, p += columns)
                {
                    var (v0, v1) = (TLanes.Load(p), TLanes.Load(p + n));
                    s0 = TLanes.Add(s0, v0);
                    s1 = TLanes.Add(s1, v1);
                    q0 = TLanes.MultiplyAdd(v0, v0, q0);
                    q1 = TLanes.MultiplyAdd(v1, v1, q1);
                }

                TLanes.StoreFloat(flush, s0);
                TLanes.StoreFloat(flush + n, s1);
                TLanes.StoreFloat(flush + 2 * n, q0);
                TLanes.StoreFloat(flush + 3 * n, q1);
                for (var i = 0; i < 2 * n; i++)
                {
                    sums[c + i] += flush[i];
                    sums[columns + c + i] += flush[2 * n + i];
                }
            }
        }
    }

    /// <summary>y = (x − mean)·gain + shift, plus the residual, rectified.</summary>
    public static void Normalize<TLanes, TVector, TElement>(TElement* x, TElement* residual, TElement* y, int first, int last, int columns, float* affine, bool relu)
        where TLanes : struct, ILanes<TVector, TElement>
        where TVector : unmanaged
        where TElement : unmanaged
    {
        for (var r = first; r < last; r++)
        {
            var row = (long)r * columns;
            for (var c = 0; c < columns; c += TLanes.Count)
            {
                var centred = TLanes.Subtract(TLanes.Load(x + row + c), TLanes.LoadFloat(affine + c));
                var v = TLanes.MultiplyAdd(centred, TLanes.LoadFloat(affine + columns + c), TLanes.LoadFloat(affine + 2 * columns + c));
                if (residual is not null)
                    v = TLanes.Add(v, TLanes.Load(residual + row + c));
                if (relu)
                    v = TLanes.Max(v, TLanes.Zero);
                TLanes.Store(y + row + c, v);
            }
        }
    }

    /// <summary>
    /// Adds Σ d·(x − mean) and Σ d of each column to <paramref name="sums"/>, where d is the gradient that passes the ReLU. Whether it passes
    /// is read from <paramref name="y"/>, or computed again where that is null.
    /// </summary>
    public static void Reduce<TLanes, TVector, TElement>(
        TElement* x, TElement* y, TElement* dy, int first, int last, int columns, float* affine, bool relu, Span<double> sums)
        where TLanes : struct, ILanes<TVector, TElement>
        where TVector : unmanaged
        where TElement : unmanaged
    {
        var n = TLanes.Count;
        var flush = stackalloc float[2 * n];
        for (var start = first; start < last; start += RowsPerFlush)
        {
            var end = Math.Min(start + RowsPerFlush, last);
            for (var c = 0; c < columns; c += n)
            {
                TVector products = TLanes.Zero, plain = TLanes.Zero;
                var (mean, gain, shift) = (TLanes.LoadFloat(affine + c), TLanes.LoadFloat(affine + columns + c), TLanes.LoadFloat(affine + 2 * columns + c));
                for (var r = start; r < end; r++)
                {
                    var at = (long)r * columns + c;
                    var centred = TLanes.Subtract(TLanes.Load(x + at), mean);
                    var d = TLanes.Load(dy + at);
                    if (y is not null)
                        d = TLanes.WherePositive(TLanes.Load(y + at), d);
                    else if (relu)
                        d = TLanes.WherePositive(TLanes.MultiplyAdd(centred, gain, shift), d);
                    products = TLanes.MultiplyAdd(d, centred, products);
                    plain = TLanes.Add(plain, d);
                }

                TLanes.StoreFloat(flush, products);
                TLanes.StoreFloat(flush + n, plain);
                for (var i = 0; i < n; i++)
                {
                    sums[c + i] += flush[i];
                    sums[columns + c + i] += flush[n + i];
                }
            }
        }
    }

    /// <summary>dx = d·gain + (x − mean)·slope + offset; and d itself for the residual.</summary>
    public static void Propagate<TLanes, TVector, TElement>(
        TElement* x, TElement* y, TElement* dy, TElement* dx, TElement* dresidual, int first, int last, int columns, float* affine, float* slopes, bool relu)
        where TLanes : struct, ILanes<TVector, TElement>
        where TVector : unmanaged
        where TElement : unmanaged
    {
        for (var r = first; r < last; r++)
        {
            for (var c = 0; c < columns; c += TLanes.Count)
            {
                var at = (long)r * columns + c;
                var centred = TLanes.Subtract(TLanes.Load(x + at), TLanes.LoadFloat(affine + c));
                var gain = TLanes.LoadFloat(affine + columns + c);
                var d = TLanes.Load(dy + at);
                if (y is not null)
                    d = TLanes.WherePositive(TLanes.Load(y + at), d);
                else if (relu)
                    d = TLanes.WherePositive(TLanes.MultiplyAdd(centred, gain, TLanes.LoadFloat(affine + 2 * columns + c)), d);
                if (dresidual is not null)
                    TLanes.Store(dresidual + at, d);
                var spread = TLanes.MultiplyAdd(centred, TLanes.LoadFloat(slopes + c), TLanes.LoadFloat(slopes + columns + c));
                TLanes.Store(dx + at, TLanes.MultiplyAdd(d, gain, spread));
            }
        }
    }
}
