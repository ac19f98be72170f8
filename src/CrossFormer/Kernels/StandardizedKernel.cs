// K inputs (height × width × input channels) · O outputs
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Kernels;

/// <summary>
/// Weight standardisation of a convolution's kernel, (w − mean)/(σ + ε) for each output, with its gradient: two passes over the kernel
/// each way, where torch's operators take a dozen.
/// </summary>
internal sealed unsafe class StandardizedKernel : autograd.SingleTensorFunction<StandardizedKernel>
{
    // Added to the deviation, not to the variance (reference: vit_encoders.py, weight_standardize).
    private const double Epsilon = 1e-5;

    // Fixed, so that sums do not depend on the machine.
    private const int Parts = 8;

    /// <inheritdoc/>
    public override string Name => nameof(StandardizedKernel);

    /// <summary>Standardises by the SIMD passes where they support the kernel, else by torch.</summary>
    /// <param name="kernel">float32 [H, W, I, O], contiguous.</param>
    /// <returns>The same shape and type.</returns>
    public static Tensor Apply(Tensor kernel) => Supports(kernel) ? apply(kernel) : Plain(kernel);

    /// <summary>The same by torch's operators.</summary>
    public static Tensor Plain(Tensor kernel)
    {
        using var scope = NewDisposeScope();
        var centred = kernel - kernel.mean([0, 1, 2], keepdim: true);
        var deviation = centred.square().mean([0, 1, 2], keepdim: true).sqrt();
        return (centred / (deviation + Scalars.Of(Epsilon))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var kernel = (Tensor)vars[0];
        var (standardized, affine) = (empty_like(kernel), empty(3, kernel.shape[3]));
        if (Instructions.HasAvx512)
            Forward<Float512, Vector512<float>>(kernel, standardized, affine);
        else
            Forward<Float256, Vector256<float>>(kernel, standardized, affine);
        ctx.save_for_backward([kernel, affine]);
        return standardized;
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        ReturnedGradients.Release();
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var gradient = grad_output.contiguous();
        var result = empty_like(saved[0]);
        if (Instructions.HasAvx512)
            Backward<Float512, Vector512<float>>(saved[0], saved[1], gradient, result);
        else
            Backward<Float256, Vector256<float>>(saved[0], saved[1], gradient, result);
        grad_output.Dispose();
        return ReturnedGradients.Keep([result]);
    }

    private static bool Supports(Tensor kernel) =>
        (Instructions.HasAvx512 || Instructions.HasAvx2) && kernel.device_type == DeviceType.CPU && kernel.dtype == ScalarType.Float32 && kernel.shape[3] % 32 == 0;

    private static void Forward<TLanes, TVector>(Tensor kernel, Tensor standardized, Tensor affine)
        where TLanes : struct, ILanes<TVector, float>
        where TVector : unmanaged
    {
        var (inputs, outputs) = Size(kernel);
        var sums = new double[Parts][];
        Each(inputs, (part, first, last) =>
        {
            fixed (byte* w = kernel.bytes)
                ColumnPasses.Accumulate<TLanes, TVector, float>((float*)w, first, last, outputs, sums[part] = new double[2 * outputs]);
        });
        var numbers = MemoryMarshal.Cast<byte, float>(affine.bytes);
        for (var c = 0; c < outputs; c++)
        {
            var (mean, squares) = (sums.Sum(s => s[c]) / inputs, sums.Sum(s => s[outputs + c]) / inputs);
            numbers[c] = (float)mean;
            numbers[outputs + c] = (float)(1 / (Math.Sqrt(Math.Max(squares - mean * mean, 0)) + Epsilon));
            numbers[2 * outputs + c] = 0;
        }

        Each(inputs, (_, first, last) =>
        {
            fixed (byte* w = kernel.bytes, y = standardized.bytes, a = affine.bytes)
                ColumnPasses.Normalize<TLanes, TVector, float>((float*)w, null, (float*)y, first, last, outputs, (float*)a, relu: false);
        });
    }

    private static void Backward<TLanes, TVector>(Tensor kernel, Tensor affine, Tensor gradient, Tensor result)
        where TLanes : struct, ILanes<TVector, float>
        where TVector : unmanaged
    {
        var (inputs, outputs) = Size(kernel);
        var sums = new double[Parts][];
        Each(inputs, (part, first, last) =>
        {
            fixed (byte* w = kernel.bytes, d = gradient.bytes, a = affine.bytes)
                ColumnPasses.Reduce<TLanes, TVector, float>((float*)w, null, (float*)d, first, last, outputs, (float*)a, relu: false, sums[part] = new double[2 * outputs]);
        });
        var gains = MemoryMarshal.Cast<byte, float>(affine.bytes).Slice(outputs, outputs);
        var slopes = new float[2 * outputs];
        for (var c = 0; c < outputs; c++)
        {
            // y = c/(σ + ε) with c = w − mean: dc = g/(σ + ε) − c·Σgc/(K·σ·(σ + ε)²), and the mean of dc goes off.
            double gain = gains[c], deviation = 1 / gain - Epsilon;
            slopes[c] = (float)(-sums.Sum(s => s[c]) * gain * gain / (inputs * deviation));
            slopes[outputs + c] = (float)(-sums.Sum(s => s[outputs + c]) * gain / inputs);
        }

        Each(inputs, (_, first, last) =>
        {
            fixed (byte* w = kernel.bytes, d = gradient.bytes, a = affine.bytes, o = result.bytes)
            fixed (float* s = slopes)
                ColumnPasses.Propagate<TLanes, TVector, float>((float*)w, null, (float*)d, (float*)o, null, first, last, outputs, (float*)a, s, relu: false);
        });
    }

    private static (int Inputs, int Outputs) Size(Tensor kernel) => ((int)(kernel.numel() / kernel.shape[3]), (int)kernel.shape[3]);

    private static void Each(int rows, Action<int, int, int> body) => Parallel.For(
        0, Parts, new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() }, part => body(part, rows * part / Parts, rows * (part + 1) / Parts));
}
