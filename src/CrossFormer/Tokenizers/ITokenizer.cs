using CrossFormer.Layers;
using CrossFormer.Tokens;

namespace CrossFormer.Tokenizers;

/// <summary>Turns some of the inputs into tokens.</summary>
internal interface ITokenizer
{
    /// <summary>Features of each token, before the projection to the embedding size.</summary>
    int Features { get; }

    /// <summary>Number of tokens (of each timestep, for observations).</summary>
    int Tokens { get; }

    /// <summary>Keys of the observations that it reads.</summary>
    IReadOnlyList<string> ObservationKeys { get; }

    /// <summary>Tokens [B, T, N, F] of observations or [B, N, F] of a task; null when its inputs are absent.</summary>
    TokenGroup? Tokenize(Observations observations, Tasks tasks, Computation computation);
}
