using CrossFormer.Training.Optimizers;

namespace CrossFormer.Training.Steps;

/// <summary>What is logged of one training step.</summary>
/// <param name="Losses">Before the update.</param>
/// <param name="Optimizer">Norms and learning rate.</param>
public sealed record TrainingStepResult(LossReport Losses, StepInfo Optimizer);
