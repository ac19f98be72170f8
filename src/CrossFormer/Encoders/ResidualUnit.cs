using CrossFormer.Layers;
using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Encoders;

/// <summary>Bottleneck block: 1×1, 3×3, 1×1 convolutions, group norms, residual; the last ReLU acts on the sum (reference: vit_encoders.py, ResidualUnit).</summary>
internal sealed class ResidualUnit
{
    private readonly ParameterScope _scope;

    public ResidualUnit(ParameterScope scope, int inputs, int features, int stride)
    {
        _scope = scope;
        if (inputs != 4 * features || stride != 1)
            Projection = (Convolution.Same(scope.Child("conv_proj"), inputs, 4 * features, 1, stride), new GroupNorm(scope.Child("gn_proj"), 4 * features));
        First = (Convolution.Same(scope.Child("conv1"), inputs, features, 1), new GroupNorm(scope.Child("gn1"), features));
        Second = (Convolution.Same(scope.Child("conv2"), features, features, 3, stride), new GroupNorm(scope.Child("gn2"), features));
        // A scale of zero makes a new unit the identity.
        Third = (Convolution.Same(scope.Child("conv3"), features, 4 * features, 1), new GroupNorm(scope.Child("gn3"), 4 * features, Initializers.Zeros));
    }

    public (Convolution Convolution, GroupNorm Norm)? Projection { get; }

    public (Convolution Convolution, GroupNorm Norm) First { get; }

    public (Convolution Convolution, GroupNorm Norm) Second { get; }

    public (Convolution Convolution, GroupNorm Norm) Third { get; }

    /// <summary>Numbers kept until the backward pass: of each convolution its output, before and after normalisation.</summary>
    /// <param name="pixels">Of the input.</param>
    /// <param name="outputPixels">Of the output.</param>
    public long Kept(long pixels, long outputPixels) =>
        2 * (pixels * First.Convolution.Outputs + outputPixels * (Second.Convolution.Outputs + Third.Convolution.Outputs + (Projection?.Convolution.Outputs ?? 0)));

    /// <summary>[B, H, W, C] → [B, H', W', 4·features].</summary>
    public Tensor Forward(Tensor x, Computation computation) => Recomputed.Run(_scope, computation, t => Compute(t[0], computation), x);

    private Tensor Compute(Tensor x, Computation computation)
    {
        using var scope = NewDisposeScope();
        var residual = Projection is { } p ? p.Norm.Forward(p.Convolution.Forward(x, computation), relu: false) : x;
        var y = First.Norm.Forward(First.Convolution.Forward(x, computation), relu: true);
        y = Second.Norm.Forward(Second.Convolution.Forward(y, computation), relu: true);
        return Third.Norm.Forward(Third.Convolution.Forward(y, computation), relu: true, residual).MoveToOuterDisposeScope();
    }
}
