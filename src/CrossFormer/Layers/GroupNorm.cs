using CrossFormer.Kernels;
using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Layers;

/// <summary>Group normalisation with 32 groups, epsilon 1e-6 (flax.linen.GroupNorm's defaults).</summary>
internal sealed class GroupNorm
{
    public const int Groups = 32;
    public const double Epsilon = 1e-6;

    public GroupNorm(ParameterScope scope, long channels, Initializer? scale = null)
    {
        if (channels % Groups != 0)
            throw new ArgumentException($"{scope.Path}: group normalisation needs a multiple of {Groups} channels, got {channels}.", nameof(channels));
        Scale = scope.Declare("scale", scale ?? Initializers.Ones, channels);
        Bias = scope.Declare("bias", Initializers.Zeros, channels);
    }

    public Parameter Scale { get; }

    public Parameter Bias { get; }

    /// <summary>[B, H, W, C] → the same, normalised per sample and group, with the residual added, rectified.</summary>
    public Tensor Forward(Tensor x_BHWC, bool relu, Tensor? residual = null) => TrainedGroupNorm.Apply(x_BHWC, Scale.Value, Bias.Value, relu, residual);
}
