namespace CrossFormer.Policies;

/// <summary>One step of a recorded episode.</summary>
/// <param name="Observation">What the robot saw, in robot units.</param>
/// <param name="Action">What it then did: float32 [dim], robot units.</param>
public sealed record RecordedStep(Observation Observation, float[] Action);
