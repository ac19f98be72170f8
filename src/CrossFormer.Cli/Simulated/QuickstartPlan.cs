namespace CrossFormer.Cli.Simulated;

/// <summary>How much of everything <see cref="Quickstart"/> does.</summary>
/// <param name="Episodes">Episodes of each robot in an evaluation, from seed 0 on.</param>
/// <param name="Demonstrations">Demonstrations by task.</param>
/// <param name="Changes">Fields of <c>configs/sim_cross_embodied.jsonc</c> that are different, as <c>--set</c> takes them.</param>
internal sealed record QuickstartPlan(int Episodes, IReadOnlyDictionary<string, int> Demonstrations, IReadOnlyList<string> Changes)
{
    /// <summary>A few minutes: the shipped policy, trained a little further.</summary>
    /// <param name="pretrained">Folder of the shipped policy.</param>
    public static QuickstartPlan Brief(string pretrained) => new(
        3, Simulation.Suite.Names.ToDictionary(t => t, _ => 8),
        [
            "model=null", $"finetune.pretrained={pretrained}", $"data.statistics={Path.Combine(pretrained, "dataset_statistics.json")}",
            "steps=40", "batch_size=64", "validation.batches=0", "optimizer.learning_rate=3e-5", "optimizer.ema_decay=null", "log_interval=2", "checkpoints.interval=40",
        ]);

    /// <summary>Everything from nothing, with the demonstrations of docs/simulation.md.</summary>
    public static QuickstartPlan Full { get; } = new(
        100, new Dictionary<string, int> { ["single_arm"] = 1000, ["bimanual"] = 300, ["nav"] = 1500, ["quadcopter"] = 1200, ["quadruped"] = 120 }, []);
}
