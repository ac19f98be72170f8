using CrossFormer.Training.Steps;

namespace CrossFormer.Training.Runs;

/// <summary>How a run gets on: told after every step.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Result">The step's losses, norms and learning rate.</param>
/// <param name="SamplesPerSecond">Over the steps since the last line of the log.</param>
/// <param name="DataShare">Share of that time that was spent waiting for data; [0, 1].</param>
/// <param name="Remaining">At that speed, validation and checkpoints included so far.</param>
/// <param name="IsLogged">Whether the log has a line for this step.</param>
/// <param name="Validation">Mean losses by dataset and mode when the step was validated.</param>
public sealed record TrainingProgress(
    int Step, int Steps, TrainingStepResult Result, double SamplesPerSecond, double DataShare, TimeSpan Remaining, bool IsLogged,
    IReadOnlyList<ValidationResult> Validation);
