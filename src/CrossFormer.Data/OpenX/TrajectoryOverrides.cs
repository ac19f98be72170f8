namespace CrossFormer.Data.OpenX;

/// <summary>
/// What a dataset wants otherwise than the training configuration says. It holds for that dataset alone; the reference merges
/// it into the shared settings, where it stays in force for every later dataset of the mix.
/// </summary>
public sealed record TrajectoryOverrides
{
    /// <summary>Nothing is overridden.</summary>
    public static TrajectoryOverrides None { get; } = new();

    /// <summary>Goals lie at most that many steps ahead, 1 or more; null leaves it to the training configuration.</summary>
    public int? MaxGoalDistance { get; init; }

    /// <summary>Whether goals are an episode's last step, and not any step that is still ahead: for robots that stop at their goal.</summary>
    public bool GoalsAreLast { get; init; }

    /// <summary>Probability that a sample with both a goal image and an instruction keeps the image, 0 to 1; null leaves it to the training configuration.</summary>
    public double? KeepImageProbability { get; init; }

    /// <summary>Observation window, 1 or more; null leaves it to the training configuration.</summary>
    public int? WindowSize { get; init; }
}
