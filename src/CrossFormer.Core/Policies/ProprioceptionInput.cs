using CrossFormer.Statistics;

namespace CrossFormer.Policies;

/// <summary>One proprioceptive vector of a robot.</summary>
/// <param name="Key">The observation key that the model knows, for example <c>proprio_bimanual</c>; also its name in the statistics.</param>
/// <param name="Dimension">Number of values.</param>
/// <param name="Normalization">
/// How the policy normalises it. <see cref="Normalization.None"/> for the published model's <c>proprio_bimanual</c>: the
/// reference's server sends it raw although its public training code normalises it.
/// </param>
public sealed record ProprioceptionInput(string Key, int Dimension, Normalization Normalization);
