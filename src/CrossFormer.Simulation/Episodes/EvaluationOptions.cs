using CrossFormer.Simulation.Tasks;

namespace CrossFormer.Simulation.Episodes;

/// <summary>How a policy is evaluated.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Episodes, at least 1.</summary>
    public int Episodes { get; init; } = 100;

    /// <summary>Seed of the first; the others follow. Demonstrations have seeds from 10000 on.</summary>
    public int Seed { get; init; }

    /// <summary>Which worlds.</summary>
    public SceneVariation Variation { get; init; }

    /// <summary>Goal images instead of instructions, where a task has both.</summary>
    public bool ByGoalImage { get; init; }

    /// <summary>How long the policy thinks while the robot goes on. Default: the simulation waits for it.</summary>
    public Latency Latency { get; init; } = Latency.None;

    /// <summary>Episodes that are filmed, from the first on. Default 3; ignored where nothing can draw.</summary>
    public int Filmed { get; init; } = 3;

    /// <summary>
    /// Robots that run side by side, at least 1; each has a policy of its own. The results do not depend on it, but for
    /// <see cref="Latency.Measured"/>: then each waits for the others' processor time too.
    /// </summary>
    public int Workers { get; init; } = 1;
}
