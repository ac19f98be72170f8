using CrossFormer.Parameters;

namespace CrossFormer.Training.Runs;

/// <summary>What came of a run.</summary>
/// <param name="Steps">Steps done, earlier parts of a resumed run included.</param>
/// <param name="IsFinished">Whether those are all; false when it was asked to stop.</param>
/// <param name="Loss">The last step's loss.</param>
/// <param name="SamplesPerSecond">Over this part of the run, validation and checkpoints included.</param>
/// <param name="Checkpoint">The run's folder, which is a checkpoint.</param>
/// <param name="Validation">The last validation's means.</param>
/// <param name="Merge">Fine-tuning: which parameters were loaded, are new, or were dropped.</param>
public sealed record TrainingOutcome(
    int Steps, bool IsFinished, double Loss, double SamplesPerSecond, string Checkpoint, IReadOnlyList<ValidationResult> Validation, MergeReport? Merge);
