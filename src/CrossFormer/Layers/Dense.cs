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
    public Tensor Forward(Tensor x, Computation? computation = null) => Forward(x, _kernel, _bias, computation ?? Computation.Plain);

    /// <summary>The same for a kernel whose axes of inputs and of outputs are split, as attention's are.</summary>
    public static Tensor Forward(Tensor x, Parameter kernel, Parameter bias, Computation computation)
    {
        using var scope = NewDisposeScope();
        var type = computation.Precision;
        x = x.to(type);
        var y = nn.functional.linear(x, kernel.Value.view(x.shape[^1], -1).to(type).t(), bias.Value.view(-1).to(type));
        return (kernel.Adapter is { } adapter ? y + adapter.Forward(x) : y).MoveToOuterDisposeScope();
    }
}
