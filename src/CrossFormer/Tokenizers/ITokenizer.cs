using CrossFormer.Layers;
using CrossFormer.Tokens;
using static TorchSharp.torch;

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

    /// <summary>bool [B, T]: where the observations' tokens are valid, padded timesteps apart.</summary>
    Tensor Presence(Observations observations, Computation computation);

    /// <summary>Tokens [B, T, N, F] of observations or [B, N, F] of a task; null when its inputs are absent.</summary>
    TokenGroup? Tokenize(Observations observations, Tasks tasks, Computation computation);
}
