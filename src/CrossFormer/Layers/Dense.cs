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

    /// <summary>[…, in] → […, out].</summary>
    public Tensor Forward(Tensor x)
    {
        using var w = _kernel.Value.t();
        return nn.functional.linear(x, w, _bias.Value);
    }
}
