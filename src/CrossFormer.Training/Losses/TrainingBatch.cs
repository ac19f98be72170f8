// B batch · T window step · C action chunk · A action dim
using CrossFormer.Tokenizers;
using static TorchSharp.torch;

namespace CrossFormer.Training.Losses;

/// <summary>One batch on the model's device. The tensors are the caller's.</summary>
/// <param name="Observations">What the robots saw.</param>
/// <param name="Tasks">What they were to do.</param>
/// <param name="Actions">float32 [B, T, C, A], normalised, padded to the largest head.</param>
/// <param name="ActionMask">bool [B, T, C, A]: false where an action element is padding.</param>
/// <param name="HeadMasks">By head, bool [B]: true where the sample is that head's. A head that is not there has no sample.</param>
public sealed record TrainingBatch(
    Observations Observations, Tasks Tasks, Tensor Actions, Tensor ActionMask, IReadOnlyDictionary<string, Tensor> HeadMasks);
