// Two studies on the simulated robots of docs/simulation.md. From the repository's root:
//
//   dotnet run build/SimulationStudies.cs -- single-robots models/cross_embodied_sim runs/quickstart-full/demos runs/single_robots [TASK ...]
//
// Does one policy for five robots do as well as a policy for each? The policy that is compared, then the demonstrations that it was trained
// on (`./crossformer quickstart --full` makes them). A single-robot policy is the same model, trained by the same configurations for
// as many steps, on batches as large as the robot's share of the mixture's, rounded up: so it sees at least as many samples of its robot.
// It drives as many episodes itself as the five's policy did. Tasks: only these.
//
//   dotnet run build/SimulationStudies.cs -- sixth-robot models/cross_embodied_sim runs/sixth_robot [a.b=value ...]
//
// Is a new robot learned from fewer demonstrations by the policy of other robots than from nothing? The SCARA arm. The first folder is the
// checkpoint to fine-tune; changes are those of configs/sim_sixth_robot.jsonc, for all runs. The curves go into success.svg.
//
// Runs, evaluations, results.json and results.md go into the second folder. What an interrupted study has finished is not done again.
#:project ../src/CrossFormer.Training
#:project ../src/CrossFormer.Simulation
#:property GenerateDocumentationFile=true
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrossFormer.Data.Rlds;
using CrossFormer.Reports;
using CrossFormer.Simulation;
using CrossFormer.Simulation.Episodes;
using CrossFormer.Training.Configuration;

switch (args)
{
    case ["single-robots", var together, var demos, var folder, .. var tasks]:
        SingleRobots.Study(together, demos, folder, tasks.Length == 0 ? Suite.Names : tasks);
        return 0;
    case ["sixth-robot", var pretrained, var folder, .. var changes]:
        SixthRobot.Study(pretrained, folder, changes);
        return 0;
    default:
        Console.Error.WriteLine("usage: dotnet run build/SimulationStudies.cs -- single-robots CHECKPOINT DEMOS OUTPUT [TASK ...] | sixth-robot CHECKPOINT OUTPUT [a.b=value ...]");
        return 2;
}

internal static class SingleRobots
{
    private const int Episodes = 100; // of an evaluation, from seed 0 on

    private const string Demonstrated = "sim_cross_embodied";

    // As QuickstartPlan has them: what a dataset's name ends with, from which seed.
    private static readonly (string Configuration, string Suffix, int Seed)[] Rounds =
        [("sim_cross_embodied_driven", "driven", 20_000), ("sim_cross_embodied_driven_again", "driven_again", 40_000)];

    public static void Study(string together, string demos, string folder, IReadOnlyList<string> tasks)
    {
        // What is missing is better said now than hours later.
        if (tasks.FirstOrDefault(t => !Suite.Names.Contains(t)) is { } unknown)
            throw new ArgumentException($"There is no task '{unknown}'; there are {string.Join(", ", Suite.Names)}.");
        foreach (var dataset in tasks.SelectMany(t => Datasets(Rounds[^1].Configuration, t).Keys))
            RldsDataset.Open(Path.Combine(demos, dataset));
        Directory.CreateDirectory(folder);
        foreach (var task in tasks)
            Together(task, together, folder);

        var results = tasks.Select(task => Compare(task, together, demos, folder)).ToList();
        Studies.Write(folder, new { together, Episodes, results }, $"""
            | task | all five, of {Episodes} | interval | alone, of {Episodes} | interval | expert | interval | noise | interval | minutes of training alone |
            |---|---|---|---|---|---|---|---|---|---|
            {string.Join('\n', results.Select(r => $"| `{r.Task}` | {r.Together} | {r.Alone} | {r.Expert} | {r.Noise} | {r.Minutes:f0} |"))}

            """);
    }

    private static Result Compare(string task, string together, string demos, string folder)
    {
        // Datasets of its own: the five's, and those that it will drive itself.
        var own = Path.Combine(folder, $"{task}-demos");
        Directory.CreateDirectory(own);
        foreach (var dataset in Datasets(Demonstrated, task).Keys.Where(d => !Path.Exists(Path.Combine(own, d))))
            Directory.CreateSymbolicLink(Path.Combine(own, dataset), Path.GetFullPath(Path.Combine(demos, dataset)));

        var policy = Path.Combine(folder, $"{task}-demonstrated");
        var minutes = Train("train", Demonstrated, task, own, policy);
        foreach (var (configuration, suffix, seed) in Rounds)
        {
            var driven = $"sim_{task}_{suffix}";
            // A robot need not drive in every round.
            if (Datasets(configuration, task).ContainsKey(driven) && !Directory.Exists(Path.Combine(own, driven, "1.0.0")))
            {
                var episodes = RldsDataset.Open(Path.Combine(demos, driven)).Splits.Sum(s => s.ShardLengths.Sum());
                Studies.Crossformer(
                [
                    "simulate", "demos", "--task", task, "--driver", policy, "--seed", $"{seed}", "--name", driven, "--episodes", $"{episodes}", "--out", own,
                    .. task == "bimanual" ? ["--take-over"] : Array.Empty<string>(),
                ]);
            }

            var run = Path.Combine(folder, $"{task}-{suffix}");
            minutes += Train("finetune", configuration, task, own, run, $"finetune.pretrained={policy}");
            policy = run;
        }

        return new Result(task, Together(task, together, folder), Evaluate("alone", policy), Evaluate("expert", "expert"), Evaluate("noise", "noise"), minutes);

        Outcome Evaluate(string name, string policy) => Studies.Evaluate(task, policy, Episodes, Path.Combine(folder, $"{task}-{name}.json"));
    }

    private static Outcome Together(string task, string policy, string folder) => Studies.Evaluate(task, policy, Episodes, Path.Combine(folder, $"{task}-together.json"));

    // The robot's datasets of the mixture, with a batch of their share. Returns the minutes that it took.
    private static double Train(string verb, string configuration, string task, string demos, string run, params string[] changes)
    {
        var file = Path.Combine("configs", $"{configuration}.jsonc");
        var (mixture, own) = (ConfigurationFile.Read(file, []), Datasets(configuration, task));
        var share = own.Values.Sum() / mixture.Data.Datasets!.Values.Sum();
        return Studies.Train(verb, file, run,
        [
            $"data.datasets={JsonSerializer.Serialize(own)}", $"data.more_of={JsonSerializer.Serialize(mixture.Data.MoreOf.Where(m => own.ContainsKey(m.Key)).ToDictionary())}",
            $"data.folder={demos}", $"batch_size={(int)Math.Ceiling(mixture.BatchSize * share)}", .. changes,
        ]);
    }

    private static Dictionary<string, double> Datasets(string configuration, string task) =>
        ConfigurationFile.Read(Path.Combine("configs", $"{configuration}.jsonc"), []).Data.Datasets!
            .Where(d => d.Key == $"sim_{task}" || d.Key.StartsWith($"sim_{task}_", StringComparison.Ordinal)).ToDictionary();

    private sealed record Result(string Task, Outcome Together, Outcome Alone, Outcome Expert, Outcome Noise, double Minutes);
}

internal static class SixthRobot
{
    private const int Episodes = 50; // of an evaluation, from seed 0 on

    private static readonly int[] Counts = [10, 30, 100];

    public static void Study(string pretrained, string folder, IReadOnlyList<string> changes)
    {
        Directory.CreateDirectory(folder);
        var results = Counts.Select(count => Compare(count, pretrained, folder, changes)).ToList();
        Studies.Write(folder, new { pretrained, Episodes, results }, $"""
            | demonstrations | fine-tuned, of {Episodes} | interval | from scratch, of {Episodes} | interval |
            |---|---|---|---|---|
            {string.Join('\n', results.Select(r => $"| {r.Demonstrations} | {r.FineTuned} | {r.FromScratch} |"))}

            """);
        CurvePicture.Save(
            Path.Combine(folder, "success.svg"), "successes, %", [Draw("fine-tuned", r => r.FineTuned), Draw("from scratch", r => r.FromScratch)], "demonstrations", high: 100);

        Curve Draw(string name, Func<Result, Outcome> outcome) => new(name, [.. results.Select(r => ((double)r.Demonstrations, 100.0 * outcome(r).Successes / Episodes))])
        {
            Band = [.. results.Select(r => ((double)r.Demonstrations, 100 * outcome(r).Interval.Low, 100 * outcome(r).Interval.High))],
        };
    }

    // Every number of demonstrations has a dataset of its own, the first episodes of the larger ones: nothing is normalised by what is not seen.
    private static Result Compare(int demonstrations, string pretrained, string folder, IReadOnlyList<string> changes)
    {
        var demos = Path.Combine(folder, $"demos_{demonstrations}");
        if (!Directory.Exists(Path.Combine(demos, "sim_scara", "1.0.0")))
            Studies.Crossformer("simulate", "demos", "--task", "scara", "--episodes", $"{demonstrations}", "--out", demos);
        var (tuned, scratch) = (Path.Combine(folder, $"finetuned_{demonstrations}"), Path.Combine(folder, $"scratch_{demonstrations}"));
        Train("finetune", tuned, $"finetune.pretrained={pretrained}");
        // The same model: as fine-tuning has made it of the checkpoint's.
        var model = JsonNode.Parse(File.ReadAllText(Path.Combine(tuned, "config.json")))!["model"]!;
        Train("train", scratch, "finetune=null", $"model={model.ToJsonString()}");
        return new Result(demonstrations, Evaluate(tuned), Evaluate(scratch));

        void Train(string verb, string run, params string[] start) =>
            Studies.Train(verb, "configs/sim_sixth_robot.jsonc", run, [.. changes, .. start, $"data.folder={demos}"]);

        Outcome Evaluate(string run) => Studies.Evaluate("scara", run, Episodes, Path.Combine(run, "evaluation.json"));
    }

    private sealed record Result(int Demonstrations, Outcome FineTuned, Outcome FromScratch);
}

/// <summary>What studies do: train, evaluate, write down.</summary>
internal static class Studies
{
    /// <summary>Trains, or goes on, or does nothing if it is done; returns the minutes of training in all its parts.</summary>
    public static double Train(string verb, string configuration, string run, IReadOnlyList<string> changes)
    {
        var result = Path.Combine(run, "finished.json");
        if (!File.Exists(result))
        {
            var output = Crossformer([verb, "--config", configuration, "--resume", "--json", .. changes.Append($"folder={run}").SelectMany(c => new[] { "--set", c })]);
            // A training that was asked to stop has succeeded too.
            if (!JsonNode.Parse(output)!["finished"]!.GetValue<bool>())
                throw new OperationCanceledException($"{run} was stopped; the same command goes on.");
            File.WriteAllText(result, output);
        }

        var batch = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "training.json")))!["batch_size"]!.GetValue<int>();
        var (minutes, before) = (0.0, 0);
        foreach (var line in File.ReadLines(Path.Combine(run, "log.jsonl")).Select(l => JsonNode.Parse(l)!))
        {
            var step = line["step"]!.GetValue<int>();
            minutes += (step - before) * batch / line["samples_per_second"]!.GetValue<double>() / 60;
            before = step;
        }

        return minutes;
    }

    /// <summary>Successes of seeds 0 to below <paramref name="episodes"/>, counted once: <paramref name="file"/> keeps them.</summary>
    public static Outcome Evaluate(string task, string policy, int episodes, string file)
    {
        if (!File.Exists(file))
            File.WriteAllText(file, Crossformer("simulate", "evaluate", "--task", task, "--policy", policy, "--episodes", $"{episodes}", "--out", Path.ChangeExtension(file, "html"), "--json"));
        var successes = JsonNode.Parse(File.ReadAllText(file))!["tasks"]![task]!["successes"]!.GetValue<int>();
        return new Outcome(successes, WilsonInterval.Of(successes, episodes));
    }

    public static void Write(string folder, object results, string table)
    {
        File.WriteAllText(Path.Combine(folder, "results.json"), JsonSerializer.Serialize(results, JsonSerializerOptions.Web));
        File.WriteAllText(Path.Combine(folder, "results.md"), table);
        Console.WriteLine(table);
    }

    public static string Crossformer(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("./crossformer", arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"./crossformer {arguments[0]} failed: exit code {process.ExitCode}.");
    }
}

/// <param name="Successes">Of an evaluation's episodes.</param>
/// <param name="Interval">Of the success rate.</param>
internal sealed record Outcome(int Successes, WilsonInterval Interval)
{
    public override string ToString() => $"{Successes} | {100 * Interval.Low:f0}–{100 * Interval.High:f0} %";
}
