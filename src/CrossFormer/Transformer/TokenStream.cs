using CrossFormer.Layers;
using CrossFormer.Parameters;
using CrossFormer.Tokenizers;

namespace CrossFormer.Transformer;

/// <summary>A tokenizer with what brings its tokens into the sequence.</summary>
/// <param name="Name">Group name: <c>obs_primary</c>, <c>task_language</c>, ….</param>
/// <param name="Tokenizer">Makes the tokens.</param>
/// <param name="Projection">To the embedding size.</param>
/// <param name="Positions">Position embeddings: [1, N, E] of a task, [1, horizon, N, E] of an observation.</param>
internal sealed record TokenStream(string Name, ITokenizer Tokenizer, Dense Projection, Parameter Positions);
