using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Layers;

/// <summary>Layer normalisation over the last axis, epsilon 1e-6 (flax.linen.LayerNorm's default, not torch's 1e-5).</summary>
internal sealed class LayerNorm(ParameterScope scope, long features)
{
    public const double Epsilon = 1e-6;

    public Parameter Scale { get; } = scope.Declare("scale", Initializers.Ones, features);

    public Parameter Bias { get; } = scope.Declare("bias", Initializers.Zeros, features);

    public Tensor Forward(Tensor x) => nn.functional.layer_norm(x, [features], Scale.Value, Bias.Value, Epsilon);
}
