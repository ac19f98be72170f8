using static TorchSharp.torch;

namespace CrossFormer.Parameters;

/// <summary>
/// A change of a kernel that is trained while the kernel stays: x·kernel + scale · x·down·up (LoRA, arXiv 2106.09685). Neither a
/// gradient nor moments of the kernel's size come into being.
/// </summary>
/// <param name="Down">[in, rank].</param>
/// <param name="Up">[rank, out]; zeros at first, so that training begins with the kernel as it is.</param>
/// <param name="Scale">Factor on the product.</param>
internal sealed record LowRankAdapter(Parameter Down, Parameter Up, double Scale)
{
    /// <summary>What it adds to x·kernel: […, in] → […, out], in the precision of <paramref name="x"/>.</summary>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.matmul(Down.Value.to(x.dtype)).matmul(Up.Value.to(x.dtype)).mul_(Scalars.Of(Scale)).MoveToOuterDisposeScope();
    }

    /// <summary>One kernel that computes what kernel and adapter compute; rounded once.</summary>
    public Tensor Merge(Tensor kernel)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var change = Down.Value.to(ScalarType.Float64).matmul(Up.Value.to(ScalarType.Float64)).mul_(Scalars.Of(Scale));
        return change.view(kernel.shape).add_(kernel).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
