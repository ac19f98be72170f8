using CrossFormer.Kernels;
using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Layers;

/// <summary>
/// Runs a part of a model without keeping what its backward pass needs, but its inputs: that pass computes the part once more, with the
/// same dropout. Gradients are the same, bit for bit; memory falls by the part's activations, time grows by its forward pass.
/// </summary>
internal sealed class Recomputed : autograd.SingleTensorFunction<Recomputed>
{
    /// <inheritdoc/>
    public override string Name => nameof(Recomputed);

    /// <summary>Runs a part: so if the computation asks for it and the part has a gradient at all, else as it is.</summary>
    /// <param name="scope">Where its parameters are.</param>
    /// <param name="computation">How it is computed.</param>
    /// <param name="part">A function of its inputs, its parameters and torch's generator alone. It must capture no tensor, for the caller disposes of those before the backward pass.</param>
    /// <param name="inputs">Its tensors.</param>
    public static Tensor Run(ParameterScope scope, Computation computation, Func<Tensor[], Tensor> part, params Tensor[] inputs) =>
        computation.Recompute && is_grad_enabled() && (inputs.Any(i => i.requires_grad) || scope.IsTrained) ? Apply(part, inputs) : part(inputs);

    private static Tensor Apply(Func<Tensor[], Tensor> part, Tensor[] inputs)
    {
        using var scope = NewDisposeScope();
        // Parameters are no inputs: without this, a part whose inputs need no gradient would pass none on to them.
        var anchor = zeros(1, requires_grad: true);
        return apply([part, anchor, .. inputs]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var part = (Func<Tensor[], Tensor>)vars[0];
        Tensor[] inputs = [.. vars.Skip(2).Cast<Tensor>()];
        ctx.save_data("part", part);
        ctx.save_data("random", get_rng_state().bytes.ToArray());
        ctx.save_for_backward([.. inputs]);
        using var none = no_grad();
        return part(inputs);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        ReturnedGradients.Release();
        using var scope = NewDisposeScope();
        var part = (Func<Tensor[], Tensor>)ctx.get_data("part");
        Tensor[] inputs = [.. ctx.get_saved_variables().Select(v => v.detach().requires_grad_(v.requires_grad))];
        var now = get_rng_state();
        set_rng_state(tensor((byte[])ctx.get_data("random"), ScalarType.Byte));
        using (enable_grad())
            part(inputs).backward([grad_output]);
        set_rng_state(now);
        grad_output.Dispose();
        ReturnedGradients.Release();
        return ReturnedGradients.Keep([null!, null!, .. inputs.Select(i => i.requires_grad ? i.grad! : null!)]);
    }
}
