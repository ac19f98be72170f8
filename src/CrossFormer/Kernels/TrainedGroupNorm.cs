// B batch · R rows (height × width) · C channels · G groups
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CrossFormer.Layers;
using static TorchSharp.torch;

namespace CrossFormer.Kernels;

/// <summary>
/// Group normalisation, residual addition and ReLU with their gradient, over channels-last activations: two passes over memory
/// forward, two backward. torch's own backward pass is 15 to 30 times slower with channels last, and would keep the normalised values
/// and the sum besides. Written as flax writes it, (x − mean)·(scale/σ) + bias with the variance E[x²] − E[x]², so that the ReLUs behind
/// it open and close as the reference's do. The plain twin is <see cref="FusedGroupNorm.Plain"/>.
/// </summary>
internal sealed unsafe class TrainedGroupNorm : autograd.SingleTensorFunction<TrainedGroupNorm>
{
    /// <inheritdoc/>
    public override string Name => nameof(TrainedGroupNorm);

    /// <summary>Normalises by the kernel where it supports the tensors, else by torch.</summary>
    /// <param name="x_BHWC">float32 or bfloat16.</param>
    /// <param name="scale">float32 [C].</param>
    /// <param name="bias">float32 [C].</param>
    /// <param name="relu">Whether negative results become zero.</param>
    /// <param name="residual">Added before the ReLU; same shape and type as x, or null.</param>
    public static Tensor Apply(Tensor x_BHWC, Tensor scale, Tensor bias, bool relu, Tensor? residual = null)
    {
        using var scope = NewDisposeScope();
        var x = x_BHWC.contiguous();
        return FusedGroupNorm.Supports(x)
            ? apply(x, scale, bias, relu, residual?.contiguous()!).MoveToOuterDisposeScope()
            : FusedGroupNorm.Plain(x, scale, bias, relu, residual).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, scale, bias, relu, residual) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (bool)vars[3], (Tensor?)vars[4]);
        var (y, moments) = (empty_like(x), empty(2, x.shape[0], GroupNorm.Groups));
        var layer = new Layer(x, scale, bias, moments, relu);
        if (x.dtype == ScalarType.Float32)
        {
            if (Instructions.HasAvx512)
                Forward<Float512, Vector512<float>, float>(layer, x, residual, y);
            else
                Forward<Float256, Vector256<float>, float>(layer, x, residual, y);
        }
        else if (Instructions.HasAvx512)
        {
            Forward<BFloat16x512, Vector512<float>, ushort>(layer, x, residual, y);
        }
        else
        {
            Forward<BFloat16x256, Vector256<float>, ushort>(layer, x, residual, y);
        }

        // With a residual the sign of the sum decides which gradients pass; without, it is computed again from x.
        ctx.save_for_backward(residual is null ? [x, scale, bias, moments] : [x, scale, bias, moments, y]);
        ctx.save_data("relu", relu);
        return y;
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        ReturnedGradients.Release();
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var (x, layer) = (saved[0], new Layer(saved[0], saved[1], saved[2], saved[3], (bool)ctx.get_data("relu")));
        var hasResidual = saved.Count > 4;
        var y = hasResidual && layer.Relu ? saved[4] : null;
        var dy = grad_output.contiguous();
        var (dx, dresidual) = (empty_like(x), hasResidual ? empty_like(x) : null);
        var (dscale, dbias) = x.dtype == ScalarType.Float32
            ? Instructions.HasAvx512
                ? Backward<Float512, Vector512<float>, float>(layer, x, y, dy, dx, dresidual)
                : Backward<Float256, Vector256<float>, float>(layer, x, y, dy, dx, dresidual)
            : Instructions.HasAvx512
                ? Backward<BFloat16x512, Vector512<float>, ushort>(layer, x, y, dy, dx, dresidual)
                : Backward<BFloat16x256, Vector256<float>, ushort>(layer, x, y, dy, dx, dresidual);
        grad_output.Dispose();
        return ReturnedGradients.Keep([dx, tensor(dscale), tensor(dbias), null!, dresidual!]);
    }

    private static void Forward<TLanes, TVector, TElement>(Layer layer, Tensor x, Tensor? residual, Tensor y)
        where TLanes : struct, ILanes<TVector, TElement>
        where TVector : unmanaged
        where TElement : unmanaged
    {
        Samples(layer.Batch, b =>
        {
            fixed (byte* px = x.bytes, pr = residual is null ? default : residual.bytes, py = y.bytes)
            {
                var offset = (long)b * layer.Rows * layer.Channels;
                var sums = new double[2 * layer.Channels];
                ColumnPasses.Accumulate<TLanes, TVector, TElement>((TElement*)px + offset, 0, layer.Rows, layer.Channels, sums);
                layer.SetMoments(b, sums);
                fixed (float* affine = layer.Affine(b))
                {
                    ColumnPasses.Normalize<TLanes, TVector, TElement>(
                        (TElement*)px + offset, pr is null ? null : (TElement*)pr + offset, (TElement*)py + offset, 0, layer.Rows, layer.Channels, affine, layer.Relu);
                }
            }
        });
    }

    private static (float[] Scale, float[] Bias) Backward<TLanes, TVector, TElement>(Layer layer, Tensor x, Tensor? y, Tensor dy, Tensor dx, Tensor? dresidual)
        where TLanes : struct, ILanes<TVector, TElement>
        where TVector : unmanaged
        where TElement : unmanaged
    {
        var (rows, channels) = (layer.Rows, layer.Channels);
        var sums = new double[layer.Batch][];
        Samples(layer.Batch, b =>
        {
            fixed (byte* bx = x.bytes, by = y is null ? default : y.bytes, bd = dy.bytes, bo = dx.bytes, br = dresidual is null ? default : dresidual.bytes)
            fixed (float* affine = layer.Affine(b))
            {
                var offset = (long)b * rows * channels;
                TElement* px = (TElement*)bx + offset, py = by is null ? null : (TElement*)by + offset, pd = (TElement*)bd + offset;
                sums[b] = new double[2 * channels];
                ColumnPasses.Reduce<TLanes, TVector, TElement>(px, py, pd, 0, rows, channels, affine, layer.Relu, sums[b]);
                fixed (float* slopes = layer.Slopes(b, sums[b]))
                {
                    ColumnPasses.Propagate<TLanes, TVector, TElement>(
                        px, py, pd, (TElement*)bo + offset, br is null ? null : (TElement*)br + offset, 0, rows, channels, affine, slopes, layer.Relu);
                }
            }
        });
        return layer.ParameterGradients(sums);
    }

    /// <summary>One sample to a thread at a time: both passes over a sample find it in the cache.</summary>
    private static void Samples(int batch, Action<int> body) => Parallel.For(0, batch, new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() }, body);

    /// <summary>Sizes, parameters and moments of one layer, read once.</summary>
    private sealed class Layer
    {
        private readonly float[] _scale, _bias;
        private readonly Tensor _moments;
        private readonly int _perGroup;

        public Layer(Tensor x, Tensor scale, Tensor bias, Tensor moments, bool relu)
        {
            (Batch, Rows, Channels, Relu) = ((int)x.shape[0], (int)(x.shape[1] * x.shape[2]), (int)x.shape[3], relu);
            (_scale, _bias, _moments, _perGroup) = (scale.data<float>().ToArray(), bias.data<float>().ToArray(), moments, Channels / GroupNorm.Groups);
        }

        public int Batch { get; }

        public int Rows { get; }

        public int Channels { get; }

        public bool Relu { get; }

        private Span<float> Means(int b) => MemoryMarshal.Cast<byte, float>(_moments.bytes).Slice(b * GroupNorm.Groups, GroupNorm.Groups);

        private Span<float> Inverses(int b) => MemoryMarshal.Cast<byte, float>(_moments.bytes).Slice((Batch + b) * GroupNorm.Groups, GroupNorm.Groups);

        /// <summary>Mean and 1/σ of each group, in float32 from exact sums.</summary>
        public void SetMoments(int b, ReadOnlySpan<double> sums)
        {
            var count = (double)Rows * _perGroup;
            for (var g = 0; g < GroupNorm.Groups; g++)
            {
                double sum = 0, squares = 0;
                for (var c = g * _perGroup; c < (g + 1) * _perGroup; c++)
                    (sum, squares) = (sum + sums[c], squares + sums[Channels + c]);
                float mean = (float)(sum / count), meanOfSquares = (float)(squares / count);
                var variance = MathF.Max(0, meanOfSquares - mean * mean);
                Means(b)[g] = mean;
                Inverses(b)[g] = 1 / MathF.Sqrt(variance + (float)GroupNorm.Epsilon);
            }
        }

        /// <summary>Mean, gain and shift of each channel.</summary>
        public float[] Affine(int b)
        {
            var affine = new float[3 * Channels];
            for (var c = 0; c < Channels; c++)
            {
                affine[c] = Means(b)[c / _perGroup];
                affine[Channels + c] = Inverses(b)[c / _perGroup] * _scale[c];
                affine[2 * Channels + c] = _bias[c];
            }

            return affine;
        }

        /// <summary>What of a group's summed gradients goes to each element: a multiple of x − mean, and a constant.</summary>
        public float[] Slopes(int b, ReadOnlySpan<double> sums)
        {
            var slopes = new float[2 * Channels];
            var count = (double)Rows * _perGroup;
            for (var g = 0; g < GroupNorm.Groups; g++)
            {
                double products = 0, plain = 0, inverse = Inverses(b)[g];
                for (var c = g * _perGroup; c < (g + 1) * _perGroup; c++)
                    (products, plain) = (products + _scale[c] * sums[c], plain + _scale[c] * sums[Channels + c]);
                for (var c = g * _perGroup; c < (g + 1) * _perGroup; c++)
                    (slopes[c], slopes[Channels + c]) = ((float)(-inverse * inverse * inverse * products / count), (float)(-inverse * plain / count));
            }

            return slopes;
        }

        /// <summary>Gradients of scale and bias, added over samples in their order.</summary>
        public (float[] Scale, float[] Bias) ParameterGradients(double[][] sums)
        {
            var (scale, bias) = (new float[Channels], new float[Channels]);
            for (var c = 0; c < Channels; c++)
            {
                var (products, plain) = (0.0, 0.0);
                for (var b = 0; b < Batch; b++)
                    (products, plain) = (products + Inverses(b)[c / _perGroup] * sums[b][c], plain + sums[b][Channels + c]);
                (scale[c], bias[c]) = ((float)products, (float)plain);
            }

            return (scale, bias);
        }
    }
}
