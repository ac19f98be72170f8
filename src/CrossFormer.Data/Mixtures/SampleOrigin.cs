namespace CrossFormer.Data.Mixtures;

/// <summary>Where a sample comes from.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Epoch">How often the dataset was gone through before, from 0.</param>
/// <param name="Episode">The episode's number in the split's file order, from 0.</param>
/// <param name="Step">The step within the trajectory, from 0.</param>
public readonly record struct SampleOrigin(string Dataset, int Epoch, int Episode, int Step);
