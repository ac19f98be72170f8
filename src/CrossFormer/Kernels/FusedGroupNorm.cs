// B batch · R rows (height × width) · C channels
using System.Runtime.Intrinsics;
using CrossFormer.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Kernels;

/// <summary>
/// Group normalisation, residual addition and ReLU in one pass over channels-last activations, in place. torch needs a pass
/// for each and is slow where channels come last; in the acting encoder this is the difference between norms that cost a third
/// of the time and norms that cost a tenth. Rows are split into as many ranges as torch has threads, whatever the machine is
/// doing, so results are the same bytes every time.
/// </summary>
internal static unsafe class FusedGroupNorm
{
    /// <summary>Whether the SIMD kernel can take this tensor; <see cref="Plain"/> takes all.</summary>
    public static bool Supports(Tensor x_BHWC) =>
        (Instructions.HasAvx512 || Instructions.HasAvx2) && x_BHWC.device_type == DeviceType.CPU && x_BHWC.is_contiguous() &&
        x_BHWC.dtype is ScalarType.Float32 or ScalarType.BFloat16 && x_BHWC.shape[^1] % GroupNorm.Groups == 0;

    /// <summary>Normalises in place when the kernel supports the tensor, else by torch.</summary>
    /// <param name="x_BHWC">float32 or bfloat16; overwritten by the kernel.</param>
    /// <param name="scale">float32 [C].</param>
    /// <param name="bias">float32 [C].</param>
    /// <param name="relu">Whether negative results become zero.</param>
    /// <param name="residual">Added before the ReLU; same shape and type as x, or null.</param>
    /// <returns>The result: x itself from the kernel, another tensor from torch.</returns>
    public static Tensor Apply(Tensor x_BHWC, Tensor scale, Tensor bias, bool relu, Tensor? residual = null) =>
        Supports(x_BHWC) && (residual is null || residual.is_contiguous()) ? InPlace(x_BHWC, scale, bias, relu, residual) : Plain(x_BHWC, scale, bias, relu, residual);

    /// <summary>The same by torch's operators.</summary>
    public static Tensor Plain(Tensor x_BHWC, Tensor scale, Tensor bias, bool relu, Tensor? residual = null)
    {
        using var scope = NewDisposeScope();
        var y = nn.functional.group_norm(x_BHWC.permute(0, 3, 1, 2).contiguous().to(ScalarType.Float32), GroupNorm.Groups, scale, bias, GroupNorm.Epsilon).permute(0, 2, 3, 1);
        if (residual is not null)
            y = y + residual;
        if (relu)
            y = y.relu();
        return y.to(x_BHWC.dtype).contiguous().MoveToOuterDisposeScope();
    }

    private static Tensor InPlace(Tensor x, Tensor scale, Tensor bias, bool relu, Tensor? residual)
    {
        fixed (byte* px = x.bytes, pr = residual is null ? default : residual.bytes, ps = scale.bytes, pb = bias.bytes)
        {
            var job = new Job((int)x.shape[0], (int)(x.shape[1] * x.shape[2]), (int)x.shape[3], (float*)ps, (float*)pb, relu);
            if (x.dtype == ScalarType.Float32)
            {
                if (Instructions.HasAvx512)
                    Run<Float512, Vector512<float>, float>(job, (float*)px, (float*)pr);
                else
                    Run<Float256, Vector256<float>, float>(job, (float*)px, (float*)pr);
            }
            else if (Instructions.HasAvx512)
            {
                Run<BFloat16x512, Vector512<float>, ushort>(job, (ushort*)px, (ushort*)pr);
            }
            else
            {
                Run<BFloat16x256, Vector256<float>, ushort>(job, (ushort*)px, (ushort*)pr);
            }
        }

        return x;
    }

    private static void Run<TLanes, TVector, TElement>(Job job, TElement* x, TElement* residual)
        where TLanes : struct, ILanes<TVector, TElement>
        where TVector : unmanaged
        where TElement : unmanaged
    {
        var (parts, channels) = (get_num_threads(), job.Channels);
        // Per sample and part: sums, then sums of squares. Per sample: gain, then shift.
        var sums = new double[job.Batch * parts * 2 * channels];
        var affine = new float[job.Batch * 2 * channels];
        Parallel.For(0, parts, part =>
        {
            for (var b = 0; b < job.Batch; b++)
            {
                var (first, last) = job.Range(part, parts);
                ColumnPasses.Accumulate<TLanes, TVector, TElement>(x + (long)b * job.Rows * channels, first, last, channels, sums.AsSpan((b * parts + part) * 2 * channels, 2 * channels));
            }
        });
        for (var b = 0; b < job.Batch; b++)
            Affine(job, sums.AsSpan(b * parts * 2 * channels, parts * 2 * channels), parts, affine.AsSpan(b * 2 * channels, 2 * channels));
        Parallel.For(0, parts, part =>
        {
            fixed (float* a = affine)
            {
                for (var b = 0; b < job.Batch; b++)
                {
                    var offset = (long)b * job.Rows * channels;
                    var (first, last) = job.Range(part, parts);
                    Transform<TLanes, TVector, TElement>(x + offset, residual is null ? null : residual + offset, first, last, channels, a + b * 2 * channels, job.Relu);
                }
            }
        });
    }

    /// <summary>Folds mean, variance, scale and bias of each group into a gain and a shift per channel.</summary>
    private static void Affine(Job job, ReadOnlySpan<double> sums, int parts, Span<float> affine)
    {
        var perGroup = job.Channels / GroupNorm.Groups;
        var count = (double)job.Rows * perGroup;
        for (var g = 0; g < GroupNorm.Groups; g++)
        {
            double sum = 0, squares = 0;
            for (var part = 0; part < parts; part++)
            {
                for (var c = g * perGroup; c < (g + 1) * perGroup; c++)
                {
                    sum += sums[part * 2 * job.Channels + c];
                    squares += sums[(part * 2 + 1) * job.Channels + c];
                }
            }

            var mean = sum / count;
            var inverse = 1 / Math.Sqrt(Math.Max(squares / count - mean * mean, 0) + GroupNorm.Epsilon);
            for (var c = g * perGroup; c < (g + 1) * perGroup; c++)
            {
                var gain = job.Scale[c] * inverse;
                affine[c] = (float)gain;
                affine[job.Channels + c] = (float)(job.Bias[c] - mean * gain);
            }
        }
    }

    private static void Transform<TLanes, TVector, TElement>(TElement* x, TElement* residual, int first, int last, int channels, float* affine, bool relu)
        where TLanes : struct, ILanes<TVector, TElement>
        where TVector : unmanaged
        where TElement : unmanaged
    {
        for (var r = first; r < last; r++)
        {
            var row = (long)r * channels;
            for (var c = 0; c < channels; c += TLanes.Count)
            {
                var v = TLanes.MultiplyAdd(TLanes.Load(x + row + c), TLanes.LoadFloat(affine + c), TLanes.LoadFloat(affine + channels + c));
                if (residual is not null)
                    v = TLanes.Add(v, TLanes.Load(residual + row + c));
                if (relu)
                    v = TLanes.Max(v, TLanes.Zero);
                TLanes.Store(x + row + c, v);
            }
        }
    }

    private readonly record struct Job(int Batch, int Rows, int Channels, IntPtr ScalePointer, IntPtr BiasPointer, bool Relu)
    {
        public Job(int batch, int rows, int channels, float* scale, float* bias, bool relu) : this(batch, rows, channels, (IntPtr)scale, (IntPtr)bias, relu)
        {
        }

        public float* Scale => (float*)ScalePointer;

        public float* Bias => (float*)BiasPointer;

        public (int First, int Last) Range(int part, int parts) => ((int)((long)Rows * part / parts), (int)((long)Rows * (part + 1) / parts));
    }
}
