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

    /// <summary>Names of the tasks, in the order of the reports.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Tasks.Select(t => t.Name)];

    internal static SimulationTask Create(string name) =>
        Array.Find(Tasks, t => t.Name == name).Create?.Invoke()
        ?? throw new ArgumentException($"There is no simulated task '{name}'; there are {string.Join(", ", Names)}.", nameof(name));
}
