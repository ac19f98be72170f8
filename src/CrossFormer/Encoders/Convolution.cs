// B batch · H height · W width · C channels · R pixels of the batch · I input, O output channels
using CrossFormer.Kernels;
using CrossFormer.Layers;
using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Encoders;

/// <summary>A convolution, by Flax's conventions: kernel HWIO, padding SAME, VALID or symmetric; optionally with standardised weights.</summary>
internal sealed class Convolution
{
    private readonly Parameter _kernel;
    private readonly Parameter? _bias;

    private Convolution(ParameterScope scope, int inputs, int outputs, int size, int stride, int? padding, bool bias, bool standardized)
    {
        (Size, Stride, Padding, Outputs, Standardized) = (size, stride, padding, outputs, standardized);
        _kernel = scope.Declare("kernel", Initializers.LecunNormal, size, size, inputs, outputs);
        _bias = bias ? scope.Declare("bias", Initializers.Zeros, outputs) : null;
    }

    public int Size { get; }

    public int Stride { get; }

    /// <summary>Pixels on each side; null: Flax's SAME, which on even sizes with stride 2 pads one more at the end.</summary>
    public int? Padding { get; }

    public int Outputs { get; }

    public bool Standardized { get; }

    public Parameter Kernel => _kernel;

    public Parameter? Bias => _bias;

    /// <summary>Weight-standardised convolution, SAME, without bias: ResNet's.</summary>
    public static Convolution Same(ParameterScope scope, int inputs, int outputs, int size, int stride = 1) =>
        new(scope, inputs, outputs, size, stride, null, bias: false, standardized: true);

    /// <summary>Weight-standardised convolution with symmetric padding and a bias: SmallStem's.</summary>
    public static Convolution Padded(ParameterScope scope, int inputs, int outputs, int size, int stride, int padding) =>
        new(scope, inputs, outputs, size, stride, padding, bias: true, standardized: true);

    /// <summary>Plain convolution over patches that do not overlap, VALID, with a bias.</summary>
    public static Convolution Patches(ParameterScope scope, int inputs, int outputs, int patch) =>
        new(scope, inputs, outputs, patch, patch, 0, bias: true, standardized: false);

    /// <summary>Output size of one spatial dimension.</summary>
    public int OutputSize(int input) => Padding is { } p ? (input + 2 * p - Size) / Stride + 1 : (input + Stride - 1) / Stride;

    /// <summary>[B, H, W, C] → [B, H', W', C'] in the computation's precision.</summary>
    public Tensor Forward(Tensor x_BHWC, Computation computation)
    {
        using var scope = NewDisposeScope();
        var type = computation.Precision;
        var (x, w_HWIO) = (x_BHWC.to(type), (Standardized ? StandardizedKernel.Apply(_kernel.Value) : _kernel.Value).to(type));
        if (Size == 1)
        {
            // A 1×1 convolution is a matrix product over pixels; with stride 2 over every other pixel.
            var pixels = Stride == 1 ? x : x[.., TensorIndex.Slice(null, null, Stride), TensorIndex.Slice(null, null, Stride), ..];
            var y_RC = pixels.reshape(-1, x.shape[3]).mm(w_HWIO.view(-1, Outputs));
            return (_bias is null ? y_RC : y_RC + _bias.Value.to(type)).view([.. pixels.shape[..3], Outputs]).MoveToOuterDisposeScope();
        }

        var padding = new long[] { 0, 0 };
        if (Padding is { } p)
        {
            padding = [p, p];
        }
        else
        {
            var (top, bottom) = SamePadding((int)x.shape[1], Size, Stride);
            var (left, right) = SamePadding((int)x.shape[2], Size, Stride);
            if (top == bottom && left == right)
                padding = [top, left];
            else
                x = nn.functional.pad(x, [0, 0, left, right, top, bottom]);
        }

        // A channels-last view of both: what lies in memory is [B, H, W, C] and [O, H, W, I].
        var w_OIHW = w_HWIO.permute(3, 0, 1, 2).contiguous().permute(0, 3, 1, 2);
        var y = nn.functional.conv2d(x.permute(0, 3, 1, 2), w_OIHW, _bias?.Value.to(type)!, [Stride, Stride], padding);
        return y.permute(0, 2, 3, 1).MoveToOuterDisposeScope();
    }

    /// <summary>The weights that are applied, [O, I, H, W]: standardised over H, W and I when that is wanted.</summary>
    public Tensor Weight()
    {
        using var scope = NewDisposeScope();
        return (Standardized ? StandardizedKernel.Plain(_kernel.Value) : _kernel.Value).permute(3, 2, 0, 1).MoveToOuterDisposeScope();
    }

    /// <summary>SAME padding of one dimension: in all what keeps ⌈input / stride⌉ outputs, the odd pixel at the end.</summary>
    public static (int Before, int After) SamePadding(int input, int size, int stride)
    {
        var total = Math.Max(((input + stride - 1) / stride - 1) * stride + size - input, 0);
        return (total / 2, total - total / 2);
    }
}
