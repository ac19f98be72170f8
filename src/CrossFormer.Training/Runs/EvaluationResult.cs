using CrossFormer.Training.Configuration;

namespace CrossFormer.Training.Runs;

/// <summary>Mean absolute errors over all frames of a dataset's validation split, per dimension of the action, in robot units.</summary>
/// <param name="Dataset">Its name.</param>
/// <param name="Mode">What the model was told.</param>
/// <param name="Head">The head that predicted.</param>
/// <param name="Frames">Frames predicted at.</param>
/// <param name="FirstAction">Of the first action of each chunk.</param>
/// <param name="Chunk">Of all actions of each chunk.</param>
/// <param name="LastAction">Baseline: the frame before's true action stands for the first one. From an episode's second frame on.</param>
/// <param name="MeanAction">Baseline: the training statistics' mean stands for the first action.</param>
public sealed record EvaluationResult(
    string Dataset, ValidationMode Mode, string Head, int Frames, double[] FirstAction, double[] Chunk, double[] LastAction, double[] MeanAction);

/// <summary>One validation episode, with what was predicted at each of its frames.</summary>
/// <param name="Dataset">Its dataset.</param>
/// <param name="Episode">Its number in the split.</param>
/// <param name="Mode">What the model was told.</param>
/// <param name="Actions">True actions [step][dimension], robot units.</param>
/// <param name="Chunks">Predicted chunks [step][action][dimension], robot units.</param>
public sealed record EvaluatedEpisode(string Dataset, int Episode, ValidationMode Mode, float[][] Actions, float[][][] Chunks);
