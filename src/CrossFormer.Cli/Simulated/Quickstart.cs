using CrossFormer.Cli.Training;
using CrossFormer.Policies;
using CrossFormer.Simulation;
using CrossFormer.Simulation.Episodes;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Runs;
using static TorchSharp.torch;

namespace CrossFormer.Cli.Simulated;

/// <summary>
/// The whole loop on the five simulated robots: a policy drives them, demonstrations are made, it is trained on them, and it
/// drives again. What an earlier run left in the folder is gone on from.
/// </summary>
/// <param name="folder">Where everything goes.</param>
/// <param name="plan">How much of it.</param>
/// <param name="pretrained">The policy that is trained further; null: one is trained from nothing, and random actions stand for it before.</param>
/// <param name="terminal">For progress.</param>
internal sealed class Quickstart(string folder, QuickstartPlan plan, string? pretrained, Terminal terminal)
{
    private readonly QuickstartPage _page = new(
        Path.Combine(folder, "quickstart.html"),
        [
            ("policy", pretrained is null ? "trained from nothing" : Path.GetFileName(pretrained)),
            ("evaluation", $"{plan.Episodes} episodes of each robot, seeds 0 to {plan.Episodes - 1}"),
            ("demonstrations", string.Join(", ", plan.Demonstrations.Select(d => $"{d.Value} {d.Key}"))),
        ],
        pretrained is null ? "random actions" : "as shipped");

    /// <summary>Runs it.</summary>
    public QuickstartResult Run(CancellationToken cancellation)
    {
        var configurationFile = RepositoryFiles.Find("configs", "sim_cross_embodied.jsonc") ?? throw new FileNotFoundException("configs/sim_cross_embodied.jsonc is not there; run from the repository.");
        var demos = Path.Combine(folder, "demos");
        var configuration = ConfigurationFile.Read(configurationFile, [.. plan.Changes, $"folder={Path.Combine(folder, "trained")}", $"data.folder={demos}"]);

        terminal.Note($"1 of 4  {(pretrained is null ? "random actions drive" : "the shipped policy drives")} the five robots; {_page.Path} shows them as they finish");
        var before = Drive(pretrained, _page.AddBefore, cancellation);
        terminal.Note("2 of 4  experts show how it is done");
        // Finished datasets of an earlier run stay as they are.
        var missing = Suite.Names.Where(t => !Directory.Exists(Path.Combine(demos, $"sim_{t}", "1.0.0"))).ToArray();
        DemonstrationOutcome.Record(missing, demos, t => new DemonstrationOptions { Episodes = plan.Demonstrations[t], Workers = Environment.ProcessorCount }, terminal, cancellation);
        terminal.Note("3 of 4  the policy learns from them");
        Train(configuration, cancellation);
        terminal.Note("4 of 4  the trained policy drives");
        var after = Drive(configuration.Folder, _page.AddAfter, cancellation);
        return new QuickstartResult(
            before.Zip(after).ToDictionary(p => p.First.Task, p => new QuickstartResult.Outcomes(SimulationOutcomes.Outcome.Of(p.First), SimulationOutcomes.Outcome.Of(p.Second))), _page.Path);
    }

    private IReadOnlyList<TaskEvaluation> Drive(string? checkpoint, Action<TaskEvaluation> finished, CancellationToken cancellation)
    {
        // One is filmed of each robot: the page is to open at once.
        var options = new EvaluationOptions { Episodes = plan.Episodes, Filmed = 1, Workers = checkpoint is null ? Environment.ProcessorCount : 1 };
        using var policies = checkpoint is null ? null : new SimulatedPolicies(checkpoint, CPU, Precision.Float32, text: null);
        return ClosedLoop.Run(
            Suite.Names, robot => policies?.For(robot) ?? new NoisePolicy(robot.Profile, seed: 0), sees: policies is not null, options, terminal, finished, cancellation);
    }

    private void Train(TrainingConfiguration configuration, CancellationToken cancellation)
    {
        using var run = new TrainingRun(configuration, resume: true, pretrained);
        if (!TrainingView.Run(run, terminal, cancellation, _page.AddTraining).IsFinished)
            throw new OperationCanceledException(cancellation);
    }
}
