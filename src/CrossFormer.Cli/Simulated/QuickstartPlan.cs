using CrossFormer.Simulation;

namespace CrossFormer.Cli.Simulated;

/// <summary>How much of everything <see cref="Quickstart"/> does.</summary>
/// <param name="Episodes">Episodes of each robot in an evaluation, from seed 0 on.</param>
/// <param name="Lessons">What is learned between the two evaluations, one after the other.</param>
internal sealed record QuickstartPlan(int Episodes, IReadOnlyList<QuickstartPlan.Lesson> Lessons)
{
    /// <summary>Which robots; the lessons of others are left out. Default: all of the suite.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = Suite.Names;

    /// <summary>A few minutes: the shipped policy, trained a little further.</summary>
    /// <param name="pretrained">Folder of the shipped policy.</param>
    public static QuickstartPlan Brief(string pretrained) => new(3,
    [
        new("sim_cross_embodied.jsonc", Suite.Names.ToDictionary(t => t, _ => 8),
        [
            "model=null", $"data.statistics={Path.Combine(pretrained, "dataset_statistics.json")}",
            "steps=40", "batch_size=64", "validation.batches=0", "optimizer.learning_rate=1e-5", "optimizer.ema_decay=null", "log_interval=2", "checkpoints.interval=40",
        ])
        {
            Distracted = new Dictionary<string, int> { ["single_arm"] = 6, ["nav"] = 6, ["quadcopter"] = 6 },
        },
    ]);

    /// <summary>Everything from nothing, as docs/simulation.md says.</summary>
    public static QuickstartPlan Full { get; } = new(100,
    [
        new("sim_cross_embodied.jsonc", new Dictionary<string, int> { ["single_arm"] = 1500, ["bimanual"] = 800, ["nav"] = 1500, ["quadcopter"] = 1200, ["quadruped"] = 120 }, [])
        {
            Distracted = new Dictionary<string, int> { ["single_arm"] = 1200, ["nav"] = 500, ["quadcopter"] = 500 },
        },
        new("sim_cross_embodied_driven.jsonc", new Dictionary<string, int> { ["single_arm"] = 400, ["bimanual"] = 120, ["nav"] = 300, ["quadcopter"] = 250, ["quadruped"] = 20 }, [])
        {
            Driven = "driven",
            DrivenSeed = 20_000,
            // Its chunks are long.
            TakenOver = ["bimanual"],
        },
        new("sim_cross_embodied_driven_again.jsonc", new Dictionary<string, int> { ["single_arm"] = 150, ["bimanual"] = 120, ["nav"] = 200, ["quadcopter"] = 100, ["quadruped"] = 20 }, [])
        {
            Driven = "driven_again",
            DrivenSeed = 40_000,
            TakenOver = ["bimanual"],
        },
    ]);

    /// <summary>Demonstrations, and a training that goes on from what is there, on these and all before.</summary>
    /// <param name="Configuration">A file of <c>configs/</c>.</param>
    /// <param name="Demonstrations">How many, by task.</param>
    /// <param name="Changes">Fields of the configuration that are different, as <c>--set</c> takes them.</param>
    internal sealed record Lesson(string Configuration, IReadOnlyDictionary<string, int> Demonstrations, IReadOnlyList<string> Changes)
    {
        /// <summary>Further demonstrations, in which the robot goes for other things than it is told, while the expert says what it should do. Default: none.</summary>
        public IReadOnlyDictionary<string, int> Distracted { get; init; } = new Dictionary<string, int>();

        /// <summary>What the datasets' names end with when the policy drives, and the expert says what it would have done; null: experts drive.</summary>
        public string? Driven { get; init; }

        /// <summary>Seed of the first driven episode: other scenes than those of the demonstrations.</summary>
        public int DrivenSeed { get; init; }

        /// <summary>Tasks in which the expert takes over from the policy instead.</summary>
        public IReadOnlyList<string> TakenOver { get; init; } = [];
    }
}
