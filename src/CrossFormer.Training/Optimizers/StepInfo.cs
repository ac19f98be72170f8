namespace CrossFormer.Training.Optimizers;

/// <summary>What is logged of one micro-step (reference: train.py, train_step).</summary>
/// <param name="GradientNorm">Global norm of the gradient before clipping, over all parameters that have one.</param>
/// <param name="UpdateNorm">Global norm of what was added to the parameters; 0 while accumulating.</param>
/// <param name="ParameterNorm">Global norm of the trainable parameters before the update.</param>
/// <param name="LearningRate">The schedule at the number of micro-steps, as the reference logs it, although the optimizer counts its own steps.</param>
public sealed record StepInfo(double GradientNorm, double UpdateNorm, double ParameterNorm, double LearningRate);
