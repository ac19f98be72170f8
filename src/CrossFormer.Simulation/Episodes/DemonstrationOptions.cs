using CrossFormer.Policies;

namespace CrossFormer.Simulation.Episodes;

/// <summary>Which demonstrations are made.</summary>
public sealed record DemonstrationOptions
{
    /// <summary>Episodes of the whole dataset, those of an interrupted run included; at least 1.</summary>
    public required int Episodes { get; init; }

    /// <summary>Seed of the first; episode i begins from the seed after i others. Default 10000: evaluations have those below.</summary>
    public int Seed { get; init; } = 10_000;

    /// <summary>
    /// Share of the steps at which something else is done than the expert says, 0 to below 1, in bursts of 3 to 8 steps: so the
    /// dataset has states off the expert's way, with the expert's answers. Default 0.2.
    /// </summary>
    public double Noise { get; init; } = 0.2;

    /// <summary>
    /// Makes a policy that drives while the expert says what it would have done (dataset aggregation); null: the expert drives.
    /// Called once for each worker.
    /// </summary>
    public Func<SimulatedEnvironment, IPolicy>? Driver { get; init; }

    /// <summary>
    /// The driver drives up to a random step of the episode's first half; then the expert takes over, and only its steps are recorded. For
    /// long action chunks: the later steps of a chunk are then what the expert went on to do, and not what it said along the driver's way.
    /// Without a driver it means nothing. Default: no.
    /// </summary>
    public bool TakeOver { get; init; }

    /// <summary>
    /// The robot goes for other things than it is told, again and again up to a random step of the episode's first three quarters, while what
    /// is stored is what the expert would have done: so the instruction or goal image alone says what to do. Not every episode succeeds.
    /// For tasks with a choice (<see cref="SimulatedEnvironment.Choices"/>), without a driver. Default: no.
    /// </summary>
    public bool Distracted { get; init; }

    /// <summary>What to call the driver in what tells where the dataset comes from; another name makes another dataset, so let each set of weights have its own.</summary>
    public string DriverName { get; init; } = "";

    /// <summary>The dataset's name; null: <c>sim_TASK</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Robots that run side by side, at least 1. The dataset does not depend on it.</summary>
    public int Workers { get; init; } = 1;
}
