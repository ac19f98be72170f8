// B batch · T window step
using static TorchSharp.torch;

namespace CrossFormer.Tokenizers;

/// <summary>What the robot has seen, as the model takes it. The tensors are the caller's.</summary>
/// <param name="Values">By key: images uint8 [B, T, H, W, 3], proprioception float32 [B, T, D].</param>
/// <param name="TimestepMask">bool [B, T]: false where a step is padding.</param>
/// <param name="PadMasks">By key, bool [B, T]: false where that input is padding. Null: nothing is.</param>
public sealed record Observations(IReadOnlyDictionary<string, Tensor> Values, Tensor TimestepMask, IReadOnlyDictionary<string, Tensor>? PadMasks = null);

/// <summary>What the robot shall do, as the model takes it. The tensors are the caller's.</summary>
/// <param name="Values">By key: goal images uint8 [B, H, W, 3], <c>language_instruction</c> float32 [B, D] or [B, N, D].</param>
/// <param name="PadMasks">By key, bool [B]: false where that input is padding. Null: nothing is.</param>
public sealed record Tasks(IReadOnlyDictionary<string, Tensor> Values, IReadOnlyDictionary<string, Tensor>? PadMasks = null);

/// <summary>Shapes of a model's inputs without batch and window: which inputs exist decides which parameters exist.</summary>
/// <param name="Observations">By key, for example <c>image_primary</c>: [224, 224, 3].</param>
/// <param name="Tasks">By key, for example <c>language_instruction</c>: [512].</param>
public sealed record InputShapes(IReadOnlyDictionary<string, int[]> Observations, IReadOnlyDictionary<string, int[]> Tasks);
