// B batch · Q queries · S keys · D embedding · H heads · K head dim
using CrossFormer.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Layers;

/// <summary>
/// Multi-head dot-product attention (flax.linen.MultiHeadDotProductAttention): logits scaled by 1/√(head dim), masked logits
/// set to the lowest float. So a query that may attend to nothing attends to everything equally, as in the reference; a bool
/// mask of torch would give it zeros instead.
/// </summary>
internal sealed class MultiHeadAttention
{
    private readonly long _features, _heads;
    private readonly double _dropoutRate;

    public MultiHeadAttention(ParameterScope scope, long features, long heads, double dropoutRate = 0)
    {
        if (features % heads != 0)
            throw new ArgumentException($"{scope.Path}: {features} features cannot be split over {heads} heads.");
        (_features, _heads, _dropoutRate) = (features, heads, dropoutRate);
        (Query, Key, Value) = (new(scope.Child("query"), features, heads), new(scope.Child("key"), features, heads), new(scope.Child("value"), features, heads));
        OutKernel = scope.Child("out").Declare("kernel", Initializers.XavierProjection(2), heads, features / heads, features);
        OutBias = scope.Child("out").Declare("bias", Initializers.Zeros, features);
    }

    public Projection Query { get; }

    public Projection Key { get; }

    public Projection Value { get; }

    public Parameter OutKernel { get; }

    public Parameter OutBias { get; }

    /// <param name="q_BQD">What asks.</param>
    /// <param name="k_BSD">What is matched.</param>
    /// <param name="v_BSD">What is read.</param>
    /// <param name="bias">Added to the logits, broadcast to [B, H, Q, S]; see <see cref="MaskToBias"/>. Null: everything attends to everything.</param>
    /// <param name="computation">How it is computed; dropout of attention weights acts in training.</param>
    public Tensor Forward(Tensor q_BQD, Tensor k_BSD, Tensor v_BSD, Tensor? bias, Computation computation)
    {
        using var scope = NewDisposeScope();
        // In bfloat16 torch's attention on a processor takes twice as long as in float32, and six times as long going backward.
        var type = q_BQD.device_type == DeviceType.CPU && computation.Precision == ScalarType.BFloat16 ? ScalarType.Float32 : computation.Precision;
        var a_BHQK = nn.functional.scaled_dot_product_attention(
            Query.Forward(q_BQD, computation).to(type), Key.Forward(k_BSD, computation).to(type), Value.Forward(v_BSD, computation).to(type),
            bias!, computation.Train ? _dropoutRate : 0, is_casual: false);
        var a_BQD = a_BHQK.transpose(1, 2).reshape(q_BQD.shape[0], q_BQD.shape[1], _features);
        return Dense.Forward(a_BQD, OutKernel, OutBias, computation).MoveToOuterDisposeScope();
    }

    // The lowest finite bfloat16: as good as the lowest float32, and no infinity in either precision.
    private const float Lowest = -3.3895314e38f;

    /// <summary>A boolean mask (true: may attend) as a float32 bias: 0 where true, the lowest number where false.</summary>
    public static Tensor MaskToBias(Tensor mask)
    {
        using var blocked = mask.logical_not();
        return zeros(mask.shape, ScalarType.Float32, mask.device).masked_fill_(blocked, Scalars.Of(Lowest));
    }

    internal sealed class Projection(ParameterScope scope, long features, long heads)
    {
        public Parameter Kernel { get; } = scope.Declare("kernel", Initializers.XavierProjection(1), features, heads, features / heads);

        public Parameter Bias { get; } = scope.Declare("bias", Initializers.Zeros, heads, features / heads);

        /// <summary>[B, S, D] → [B, H, S, K].</summary>
        public Tensor Forward(Tensor x_BSD, Computation computation)
        {
            using var scope = NewDisposeScope();
            var y_BSD = Dense.Forward(x_BSD, Kernel, Bias, computation);
            return y_BSD.view(x_BSD.shape[0], x_BSD.shape[1], heads, features / heads).transpose(1, 2).MoveToOuterDisposeScope();
        }
    }
}
