namespace CrossFormer.Simulation.Episodes;

/// <summary>How an episode went.</summary>
/// <param name="Seed">What it began from.</param>
/// <param name="Succeeded">Whether the task was done in time.</param>
/// <param name="Steps">Control steps.</param>
/// <param name="Seconds">Simulated time.</param>
/// <param name="Return">Sum of rewards, each 0 to 1.</param>
/// <param name="ChunkJump">
/// How much plans change: the mean, over new chunks, of the root mean square difference between what the last chunk meant for
/// this step and what the new one means, in shares of the actions' ranges. NaN where chunks do not overlap.
/// </param>
/// <param name="Instruction">What the robot was told; null: its goal image said it.</param>
/// <param name="Problem">Why it broke off; null when it did not.</param>
/// <param name="Film">The robot from outside as JPEG files with the simulated time; empty unless asked for.</param>
public sealed record EpisodeResult(
    int Seed, bool Succeeded, int Steps, double Seconds, double Return, double ChunkJump, string? Instruction, string? Problem,
    IReadOnlyList<(TimeSpan Time, ReadOnlyMemory<byte> Jpeg)> Film);
