using CrossFormer.Layers;
using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Encoders;

/// <summary>
/// Feature-wise linear modulation: x·(1 + Dense_0(c)) + Dense_1(c) (reference: film_conditioning_layer.py, where the two
/// names "add" and "mult" are swapped; what is computed is this).
/// </summary>
internal sealed class FilmConditioning(ParameterScope scope, long condition, long features)
{
    public Dense Gain { get; } = new(scope.Child("Dense_0"), condition, features, Initializers.Zeros);

    public Dense Shift { get; } = new(scope.Child("Dense_1"), condition, features, Initializers.Zeros);

    /// <summary>[B, H, W, C] with condition [B, D] → [B, H, W, C].</summary>
    public Tensor Forward(Tensor x_BHWC, Tensor condition_BD)
    {
        using var scope = NewDisposeScope();
        var gain = Gain.Forward(condition_BD).add(Scalars.Of(1)).unsqueeze(1).unsqueeze(1).to(x_BHWC.dtype);
        var shift = Shift.Forward(condition_BD).unsqueeze(1).unsqueeze(1).to(x_BHWC.dtype);
        return addcmul(shift, x_BHWC, gain, Scalars.Of(1)).MoveToOuterDisposeScope();
    }

    /// <summary>Checks that a condition comes exactly when FiLM is used.</summary>
    public static void Check(bool useFilm, Tensor? condition)
    {
        if (useFilm != condition is not null)
            throw new ArgumentException(useFilm ? "The encoder uses FiLM and needs a condition; got none." : "The encoder does not use FiLM, yet got a condition.", nameof(condition));
    }
}
