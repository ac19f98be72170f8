using System.CommandLine;
using CrossFormer.Cli.Acting;
using CrossFormer.Cli.Simulated;
using CrossFormer.Policies;
using CrossFormer.Simulation;
using CrossFormer.Simulation.Episodes;
using CrossFormer.Simulation.Tasks;

namespace CrossFormer.Cli.Verbs;

/// <summary>Runs a policy on simulated robots in closed loop. A process of its own, so that an error inside MuJoCo ends nothing else.</summary>
internal sealed class SimulateEvaluateVerb : Verb
{
    private const string Expert = "expert", Noise = "noise", Measured = "measured";

    private readonly Option<string> _task = SimulateCommand.Task();
    private readonly Option<string?> _policy = new("--policy") { Description = "who drives: the task's expert, noise, or a checkpoint; by default the shipped one", HelpName = "expert|noise|CHECKPOINT" };
    private readonly Option<int> _episodes = SimulateCommand.Count("--episodes", "episodes of each task", 100);
    private readonly Option<int> _seed = SimulateCommand.Seed(0);
    private readonly Option<string?> _latency = new("--latency")
    {
        Description = "robots do not wait while the policy thinks: as long as it really takes, or so many milliseconds",
        HelpName = "measured|MS",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<bool> _goalImages = new("--goal-images") { Description = "goal images instead of instructions, where a task has both" };
    private readonly Option<bool> _unseen = new("--unseen") { Description = "objects and colours that no demonstration has" };
    private readonly Option<int> _workers = SimulateCommand.Count("--workers", "robots side by side; a checkpoint has one, for it uses every core itself", Environment.ProcessorCount);
    private readonly Option<int> _films = SimulateCommand.Count("--films", "episodes of each task that are filmed, from the first on", 3);
    private readonly Option<string?> _text = new("--text-encoder") { Description = "table, configuration or folder; by default the checkpoint's own", HelpName = "PATH" };
    private readonly Option<string?> _precision = SharedOptions.Precision();
    private readonly Option<string> _device = SharedOptions.Device();
    private readonly Option<string> _out = new("--out") { Description = "where the report goes", HelpName = "FILE.html", DefaultValueFactory = _ => "evaluate.html" };

    public SimulateEvaluateVerb() : base("evaluate", "runs a policy on simulated robots in closed loop and counts successes", "./crossformer simulate evaluate --policy expert --episodes 20")
    {
        foreach (var option in (Option[])[_task, _policy, _episodes, _seed, _latency, _goalImages, _unseen, _workers, _films, _text, _precision, _device, _out])
            Add(option);
    }

    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var who = arguments.GetValue(_policy) ?? RepositoryFiles.SimulatedPolicy
            ?? throw new UsageException("--policy is missing, and this copy comes without the policy of the simulated robots (models/cross_embodied_sim); give expert, noise or a checkpoint.");
        var page = SharedOptions.OutputFile(arguments.GetValue(_out)!);
        var options = new EvaluationOptions
        {
            Episodes = arguments.GetValue(_episodes),
            Seed = arguments.GetValue(_seed),
            ByGoalImage = arguments.GetValue(_goalImages),
            Variation = arguments.GetValue(_unseen) ? SceneVariation.Unseen : SceneVariation.Standard,
            Latency = ToLatency(arguments),
            Filmed = arguments.GetValue(_films),
            Workers = who is Expert or Noise ? arguments.GetValue(_workers) : 1,
        };
        using var policies = who is Expert or Noise ? null : new SimulatedPolicies(
            (await CheckpointSource.ResolveAsync(who, terminal, cancellation))!,
            PolicySource.Device(arguments.GetValue(_device)!), PolicySource.Precision(arguments.GetValue(_precision)), arguments.GetValue(_text));
        return await Task.Run(() => Run(arguments, page, who, policies, options, terminal, cancellation), cancellation);
    }

    private SimulationOutcomes Run(ParseResult arguments, string page, string who, SimulatedPolicies? policies, EvaluationOptions options, Terminal terminal, CancellationToken cancellation)
    {
        (string, string)[] facts =
        [
            ("policy", who),
            ("episodes", $"{options.Episodes} of each task, seeds {options.Seed} to {options.Seed + options.Episodes - 1}"),
            ("told by", options.ByGoalImage ? "goal images where a task has them" : "instructions where a task has them"),
            ("objects", options.Variation == SceneVariation.Unseen ? "unseen" : "as in the demonstrations"),
            ("latency", arguments.GetResult(_latency) is null ? "none: the simulation waits" : arguments.GetValue(_latency) ?? Measured),
        ];
        var evaluations = new List<TaskEvaluation>();
        ClosedLoop.Run(SimulateCommand.Tasks(arguments.GetValue(_task)!), Open, sees: policies is not null, options, terminal, Add, cancellation);
        return new SimulationOutcomes(evaluations.ToDictionary(e => e.Task, e => SimulationOutcomes.Outcome.Of(e)), page);

        // The page is there from the first robot on: what ends the run later does not take it away.
        void Add(TaskEvaluation evaluation)
        {
            evaluations.Add(evaluation);
            EvaluationReport.Create($"Closed loop: {who}", facts, evaluations).Save(page);
        }

        IPolicy Open(SimulatedEnvironment environment) => who switch
        {
            Expert => new ExpertPolicy(environment),
            Noise => new NoisePolicy(environment),
            _ => policies!.For(environment),
        };
    }

    private Latency ToLatency(ParseResult arguments)
    {
        if (arguments.GetResult(_latency) is null)
            return Latency.None;
        return arguments.GetValue(_latency) switch
        {
            null or Measured => Latency.Measured,
            var text when double.TryParse(text, out var ms) && ms is >= 0 and <= 60_000 => new Latency(TimeSpan.FromMilliseconds(ms)),
            var text => throw new UsageException($"--latency: expected '{Measured}' or milliseconds from 0 to 60000, found '{text}'."),
        };
    }
}
