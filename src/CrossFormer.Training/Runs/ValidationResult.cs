using CrossFormer.Training.Configuration;

namespace CrossFormer.Training.Runs;

/// <summary>Means over the validation batches of one dataset.</summary>
/// <param name="Dataset">Its name.</param>
/// <param name="Mode">What the model was told.</param>
/// <param name="Head">The head that learns from the dataset.</param>
/// <param name="Loss">That head's loss, per valid action element, in normalised units.</param>
/// <param name="Mse">Mean squared error.</param>
/// <param name="SignError">Share of elements of the wrong sign.</param>
public sealed record ValidationResult(string Dataset, ValidationMode Mode, string Head, double Loss, double Mse, double SignError);
