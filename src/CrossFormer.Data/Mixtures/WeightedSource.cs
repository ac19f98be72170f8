using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.Mixtures;

/// <summary>A dataset of a mixture.</summary>
/// <param name="Source">The dataset.</param>
/// <param name="Weight">Its part of the samples, in proportion to the other weights: 0 or more.</param>
public sealed record WeightedSource(DatasetSource Source, double Weight = 1);
