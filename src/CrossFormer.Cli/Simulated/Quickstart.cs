using CrossFormer.Cli.Training;
using CrossFormer.Policies;
using CrossFormer.Simulation.Episodes;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Runs;
using static TorchSharp.torch;

namespace CrossFormer.Cli.Simulated;

/// <summary>
/// The whole loop on simulated robots: a policy drives them, demonstrations are made, it is trained on them, and it
/// drives again. What an earlier run left in the folder is gone on from.
/// </summary>
/// <param name="folder">Where everything goes.</param>
/// <param name="plan">How much of it.</param>
/// <param name="pretrained">The policy that is trained further; null: one is trained from nothing, and random actions stand for it before.</param>
/// <param name="terminal">For progress.</param>
internal sealed class Quickstart(string folder, QuickstartPlan plan, string? pretrained, Terminal terminal)
{
    private const int DistractedSeed = 30_000; // other scenes than those of the demonstrations
    private const double DistractedNoise = 0.1;

    private readonly QuickstartPage _page = new(
        Path.Combine(folder, "quickstart.html"),
        $"CrossFormer: {(plan.Tasks.Count == 1 ? plan.Tasks[0] : $"{plan.Tasks.Count} robots, one policy")}",
        [
            ("policy", pretrained is null ? "trained from nothing" : Path.GetFileName(pretrained)),
            ("evaluation", $"{plan.Episodes} episodes of each robot, seeds 0 to {plan.Episodes - 1}"),
            .. plan.Lessons.Select(l => (
                l.Driven is not null ? "driven by the policy" : "demonstrations",
                string.Join(", ", Of(plan, l.Demonstrations).Select(t => $"{l.Demonstrations[t]} {t}").Concat(Of(plan, l.Distracted).Select(t => $"{l.Distracted[t]} {t} distracted"))))),
        ],
        pretrained is null ? "random actions" : "as shipped");

    private int _part;

    private string Demos => Path.Combine(folder, "demos");

    /// <summary>Runs it.</summary>
    public QuickstartResult Run(CancellationToken cancellation)
    {
        Announce($"{(pretrained is null ? "random actions drive" : "the shipped policy drives")} {string.Join(", ", plan.Tasks)}; {_page.Path} shows them as they finish");
        var before = Drive(pretrained, _page.AddBefore, cancellation);
        var policy = pretrained;
        foreach (var (i, lesson) in plan.Lessons.Index())
        {
            Announce(lesson.Driven is not null ? "the policy drives, experts say how it is done" : "experts show how it is done");
            Record(lesson, policy, cancellation);
            Announce("the policy learns from them");
            policy = Train(lesson, policy, plan.Lessons.Count == 1 ? "trained" : $"trained-{i + 1}", cancellation);
        }

        Announce("the trained policy drives");
        var after = Drive(policy, _page.AddAfter, cancellation);
        return new QuickstartResult(
            before.Zip(after).ToDictionary(p => p.First.Task, p => new QuickstartResult.Outcomes(SimulationOutcomes.Outcome.Of(p.First), SimulationOutcomes.Outcome.Of(p.Second))), _page.Path);
    }

    private void Announce(string part) => terminal.Note($"{++_part} of {2 + (2 * plan.Lessons.Count)}  {part}");

    private IReadOnlyList<TaskEvaluation> Drive(string? checkpoint, Action<TaskEvaluation> finished, CancellationToken cancellation)
    {
        // One is filmed of each robot: the page is to open at once.
        var options = new EvaluationOptions { Episodes = plan.Episodes, Filmed = 1, Workers = checkpoint is null ? Environment.ProcessorCount : 1 };
        using var policies = checkpoint is null ? null : Open(checkpoint);
        return ClosedLoop.Run(
            plan.Tasks, robot => policies?.For(robot) ?? new NoisePolicy(robot), sees: policies is not null, options, terminal, finished, cancellation);
    }

    private void Record(QuickstartPlan.Lesson lesson, string? policy, CancellationToken cancellation)
    {
        using var driver = lesson.Driven is not null ? Open(policy!) : null;
        DemonstrationRecording.Run(Of(plan, lesson.Demonstrations), Demos, Options, terminal, cancellation);
        DemonstrationRecording.Run(Of(plan, lesson.Distracted), Demos, DistractedOptions, terminal, cancellation);

        DemonstrationOptions DistractedOptions(string task) => new()
        {
            Episodes = lesson.Distracted[task],
            Name = $"sim_{task}_distracted",
            Workers = Environment.ProcessorCount,
            Distracted = true,
            Seed = DistractedSeed,
            Noise = DistractedNoise,
        };

        DemonstrationOptions Options(string task)
        {
            var options = new DemonstrationOptions { Episodes = lesson.Demonstrations[task], Name = lesson.Driven is { } suffix ? $"sim_{task}_{suffix}" : null, Workers = driver is null ? Environment.ProcessorCount : 1 };
            return driver is null ? options : options with { Driver = driver.For, DriverName = driver.Name, TakeOver = lesson.TakenOver.Contains(task), Seed = lesson.DrivenSeed, Noise = 0 };
        }
    }

    private string Train(QuickstartPlan.Lesson lesson, string? policy, string name, CancellationToken cancellation)
    {
        var file = RepositoryFiles.Find("configs", lesson.Configuration) ?? throw new FileNotFoundException($"configs/{lesson.Configuration} is not there; run from the repository.");
        IEnumerable<string> places = [$"folder={Path.Combine(folder, name)}", $"data.folder={Demos}"];
        var configuration = ConfigurationFile.Read(file, [.. lesson.Changes, .. places, .. policy is null ? [] : new[] { $"finetune.pretrained={policy}" }]);
        using var run = new TrainingRun(Share(configuration), resume: true, policy, cancellation: cancellation);
        return TrainingView.Run(run, terminal, cancellation, _page.AddTraining).IsFinished ? configuration.Folder : throw new OperationCanceledException(cancellation);
    }

    // Of the mixture, the datasets of the robots that are there, and of the batches their share, rounded up: as many steps see at least as
    // many samples of each robot, whoever else is there.
    private TrainingConfiguration Share(TrainingConfiguration configuration)
    {
        var mixture = configuration.Data.Datasets!;
        var own = mixture.Where(d => plan.Tasks.Any(t => d.Key == $"sim_{t}" || d.Key.StartsWith($"sim_{t}_", StringComparison.Ordinal))).ToDictionary();
        return configuration with
        {
            // Weights are decimal fractions: a share of half a batch is half of it, however their sums are rounded.
            BatchSize = (int)Math.Ceiling(configuration.BatchSize * own.Values.Sum() / mixture.Values.Sum() - 1e-9),
            Data = configuration.Data with { Datasets = own, MoreOf = configuration.Data.MoreOf.Where(m => own.ContainsKey(m.Key)).ToDictionary() },
        };
    }

    private static IReadOnlyList<string> Of(QuickstartPlan plan, IReadOnlyDictionary<string, int> demonstrations) => [.. demonstrations.Keys.Where(plan.Tasks.Contains)];

    private static SimulatedPolicies Open(string checkpoint) => new(checkpoint, CPU, Precision.Float32, text: null);
}
