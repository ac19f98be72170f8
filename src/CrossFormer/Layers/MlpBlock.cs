using CrossFormer.Parameters;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CrossFormer.Layers;

/// <summary>Dense, GELU (tanh form), dropout, Dense, dropout (reference: transformer.py, MlpBlock).</summary>
internal sealed class MlpBlock
{
    private static readonly Initializer SmallNormal = Initializers.Normal(1e-6);
    private readonly Dropout _dropout;

    public MlpBlock(ParameterScope scope, long features, long hidden, double dropoutRate)
    {
        Up = new Dense(scope.Child("Dense_0"), features, hidden, Initializers.XavierUniform, SmallNormal);
        Down = new Dense(scope.Child("Dense_1"), hidden, features, Initializers.XavierUniform, SmallNormal);
        _dropout = new Dropout(dropoutRate);
    }

    public Dense Up { get; }

    public Dense Down { get; }

    public Tensor Forward(Tensor x, Computation computation)
    {
        using var scope = NewDisposeScope();
        var hidden = nn.functional.gelu(Up.Forward(x, computation), GELU.Approximate.tanh);
        return _dropout.Forward(Down.Forward(_dropout.Forward(hidden, computation), computation), computation).MoveToOuterDisposeScope();
    }
}
