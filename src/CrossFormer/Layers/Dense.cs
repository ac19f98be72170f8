using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Layers;

/// <summary>Affine map y = x·kernel + bias (flax.linen.Dense). Kernel [in, out], bias [out].</summary>
internal sealed class Dense
{
    private readonly Parameter _kernel, _bias;

    public Dense(ParameterScope scope, long inputs, long outputs, Initializer? kernel = null, Initializer? bias = null)
    {
        (Inputs, Outputs) = (inputs, outputs);
        _kernel = scope.Declare("kernel", kernel ?? Initializers.LecunNormal, inputs, outputs);
        _bias = scope.Declare("bias", bias ?? Initializers.Zeros, outputs);
    }

    public long Inputs { get; }

    public long Outputs { get; }

    public Parameter Kernel => _kernel;

    public Parameter Bias => _bias;

    /// <summary>[…, in] → […, out] in the computation's precision.</summary>
    public Tensor Forward(Tensor x, Computation? computation = null) => Forward(x, _kernel.Value, _bias.Value, computation ?? Computation.Plain);

    /// <summary>The same for a kernel [in, out] that is a view of another parameter.</summary>
    public static Tensor Forward(Tensor x, Tensor kernel_IO, Tensor bias_O, Computation computation)
    {
        using var scope = NewDisposeScope();
        var type = computation.Precision;
        return nn.functional.linear(x.to(type), kernel_IO.to(type).t(), bias_O.to(type)).MoveToOuterDisposeScope();
    }
}
