using CrossFormer.Policies;

namespace CrossFormer.Simulation.Episodes;

/// <summary>An episode and what the expert would have done at each of its steps.</summary>
/// <param name="Instruction">What the robot was told.</param>
/// <param name="Steps">Observations with encoded frames, and the expert's actions.</param>
/// <param name="Succeeded">Whether the task was done.</param>
public sealed record Demonstration(string Instruction, IReadOnlyList<RecordedStep> Steps, bool Succeeded);
