using System.CommandLine;
using CrossFormer.Cli.Acting;
using CrossFormer.Cli.Simulated;
using CrossFormer.Simulation.Episodes;
using Spectre.Console;

namespace CrossFormer.Cli.Verbs;

/// <summary>Makes demonstrations: RLDS datasets of expert episodes, one for each task.</summary>
internal sealed class SimulateDemosVerb : Verb
{
    private const double ExpertNoise = 0.2;

    private readonly Option<string> _task = SimulateCommand.Task();
    private readonly Option<int> _episodes = SimulateCommand.Count("--episodes", "episodes of each task", 100);
    private readonly Option<int> _seed = SimulateCommand.Seed(10_000);
    private readonly Option<string> _out = new("--out") { Description = "folder for the datasets", HelpName = "DIR", DefaultValueFactory = _ => "demos" };
    private readonly Option<double?> _noise = new("--noise") { Description = $"share of disturbed steps, 0 to below 1 (default: {ExpertNoise}, none with a driver)", HelpName = "SHARE" };
    private readonly Option<string?> _driver = new("--driver") { Description = "a checkpoint that drives while the expert says what it would have done", HelpName = "CHECKPOINT" };
    private readonly Option<bool> _takeOver = new("--take-over") { Description = "the expert takes over from the driver at a random step, and only its steps are recorded: for long chunks" };
    private readonly Option<bool> _distracted = new("--distracted") { Description = "the robot goes for other things than it is told, while the expert says what it should do: teaches to listen" };
    private readonly Option<string?> _name = new("--name") { Description = "the dataset's name, with one task (default: sim_TASK)", HelpName = "NAME" };
    private readonly Option<int> _workers = SimulateCommand.Count("--workers", "robots side by side; with a driver one, for it uses every core itself", Environment.ProcessorCount);
    private readonly Option<string?> _text = new("--text-encoder") { Description = "the driver's; by default the checkpoint's own", HelpName = "PATH" };
    private readonly Option<string?> _precision = SharedOptions.Precision();
    private readonly Option<string> _device = SharedOptions.Device();

    public SimulateDemosVerb() : base("demos", "makes demonstrations of simulated robots as RLDS datasets", "./crossformer simulate demos --task nav --episodes 20 --out demos")
    {
        _noise.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is { } share && share is not (>= 0 and < 1))
                result.AddError("--noise: expected a share from 0 to below 1.");
        });
        foreach (var option in (Option[])[_task, _episodes, _seed, _out, _noise, _driver, _takeOver, _distracted, _name, _workers, _text, _precision, _device])
            Add(option);
    }

    protected override async Task<VerbResult> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var tasks = SimulateCommand.Tasks(arguments.GetValue(_task)!);
        if (tasks.Count > 1 && arguments.GetValue(_name) is not null)
            throw new UsageException("--name: datasets of several tasks cannot have one name; give one --task.");
        var driver = arguments.GetValue(_driver);
        var takeOver = arguments.GetValue(_takeOver);
        if (takeOver && driver is null)
            throw new UsageException("--take-over: from whom? Name a --driver.");
        var distracted = arguments.GetValue(_distracted);
        if (distracted && driver is not null)
            throw new UsageException("--distracted: a --driver goes its own way; give one of the two.");
        using var policies = driver is null ? null : new SimulatedPolicies(
            (await CheckpointSource.ResolveAsync(driver, terminal, cancellation))!,
            PolicySource.Device(arguments.GetValue(_device)!), PolicySource.Precision(arguments.GetValue(_precision)), arguments.GetValue(_text));
        var options = new DemonstrationOptions
        {
            Episodes = arguments.GetValue(_episodes),
            Seed = arguments.GetValue(_seed),
            Noise = arguments.GetValue(_noise) ?? (driver is null ? ExpertNoise : 0),
            Driver = policies is null ? null : policies.For,
            TakeOver = takeOver,
            Distracted = distracted,
            DriverName = policies?.Name ?? "",
            Name = arguments.GetValue(_name),
            Workers = driver is null ? arguments.GetValue(_workers) : 1,
        };
        return await Task.Run(() =>
        {
            var datasets = DemonstrationRecording.Run(tasks, Path.GetFullPath(arguments.GetValue(_out)!), _ => options, terminal, cancellation);
            return new Result(datasets.ToDictionary(d => d.Key, d => DemonstrationOutcome.Of(d.Value, cancellation)), Report: null);
        }, cancellation);
    }

    /// <param name="Tasks">By the task's name.</param>
    /// <param name="Report">Null: demonstrations have no page, <c>data inspect</c> looks into them.</param>
    private sealed record Result(IReadOnlyDictionary<string, DemonstrationOutcome> Tasks, string? Report) : VerbResult
    {
        public override void WriteText(IAnsiConsole console)
        {
            var table = Terminal.NewTable(console, "task", "episodes", "successes", "steps", "dataset");
            foreach (var (name, o) in Tasks)
                table.AddRow(name, $"{o.Episodes}", $"{o.Successes}", $"{o.Steps}", Markup.Escape(o.Dataset));
            console.Write(table);
        }
    }
}
