using CrossFormer.Simulation.Tasks;

namespace CrossFormer.Simulation;

/// <summary>The simulated robots and their tasks.</summary>
public static class Suite
{
    private static readonly (string Name, Func<SimulationTask> Create)[] Tasks =
    [
        ("single_arm", () => new PickAndPlace()),
        ("bimanual", () => new BarLift()),
        ("nav", () => new RoomNavigation()),
        ("quadcopter", () => new BalloonFlight()),
        ("quadruped", () => new StraightWalk()),
    ];

    private static readonly (string Name, Func<SimulationTask> Create)[] HeldOutTasks =
    [
        ("scara", () => new BlockLift()),
    ];

    /// <summary>Names of the tasks, in the order of the reports.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Tasks.Select(t => t.Name)];

    /// <summary>Tasks of robots that the suite's policies are not trained on: new ones, to fine-tune to.</summary>
    public static IReadOnlyList<string> HeldOut { get; } = [.. HeldOutTasks.Select(t => t.Name)];

    internal static SimulationTask Create(string name) =>
        Array.Find([.. Tasks, .. HeldOutTasks], t => t.Name == name).Create?.Invoke()
        ?? throw new ArgumentException($"There is no simulated task '{name}'; there are {string.Join(", ", Names.Concat(HeldOut))}.", nameof(name));
}
