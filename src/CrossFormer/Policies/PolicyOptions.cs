using CrossFormer.Text;

namespace CrossFormer.Policies;

/// <summary>How a <see cref="CrossFormerPolicy"/> runs.</summary>
public sealed record PolicyOptions
{
    /// <summary>Arithmetic of the matrix products. Default: float32. bfloat16 is ignored, with a note, where the processor has no instructions for it.</summary>
    public Precision Precision { get; init; }

    /// <summary>Whether the model's weights are freed once folded; it can then not be saved. Default: true.</summary>
    public bool ReleaseWeights { get; init; } = true;

    /// <summary>Dataset whose statistics bring actions to robot units. Default: the profile's.</summary>
    public string? Statistics { get; init; }

    /// <summary>Turns instructions into vectors. Default: the model's.</summary>
    public ITextEncoder? TextEncoder { get; init; }

    /// <summary>Window of the history. Default: the profile's.</summary>
    public int? Window { get; init; }
}
