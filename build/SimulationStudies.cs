// Two studies on the simulated robots of docs/simulation.md. From the repository's root:
//
//   dotnet run build/SimulationStudies.cs -- single-robots runs/quickstart-full runs/single_robots [TASK ...]
//
// Does one policy for five robots do as well as a policy for each? The first folder is that of `./crossformer quickstart --full`, whose
// demonstrations are used and whose policy is compared. A single-robot policy is the same model, trained by the same configurations for
// as many steps, on batches as large as the robot's share of the mixture's: so it sees as many samples of its robot. Tasks: only these.
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
using CrossFormer.Reports;
using CrossFormer.Simulation;
using CrossFormer.Simulation.Episodes;
using CrossFormer.Training.Configuration;

switch (args)
{
    case ["single-robots", var whole, var folder, .. var tasks]:
        SingleRobots.Study(whole, folder, tasks.Length == 0 ? Suite.Names : tasks);
        return 0;
    case ["sixth-robot", var pretrained, var folder, .. var changes]:
        SixthRobot.Study(pretrained, folder, changes);
        return 0;
    default:
        Console.Error.WriteLine("usage: dotnet run build/SimulationStudies.cs -- single-robots QUICKSTART_FOLDER OUTPUT [TASK ...] | sixth-robot CHECKPOINT OUTPUT [a.b=value ...]");
        return 2;
}

internal static class SingleRobots
{
    private const int Episodes = 100; // of an evaluation, from seed 0 on

    private static readonly string[] Configurations = ["sim_cross_embodied", "sim_cross_embodied_driven"];

    public static void Study(string whole, string folder, IReadOnlyList<string> tasks)
    {
        Directory.CreateDirectory(folder);
        var results = tasks.Select(task => Compare(task, whole, folder)).ToList();
        Studies.Write(folder, new { Episodes, results }, $"""
            | task | all five, of {Episodes} | interval | alone, of {Episodes} | interval | expert | noise | minutes of training alone |
            |---|---|---|---|---|---|---|---|
            {string.Join('\n', results.Select(r => $"| `{r.Task}` | {r.Together} | {r.Alone} | {r.Expert.Successes} | {r.Noise.Successes} | {r.Minutes:f0} |"))}

            """);
    }

    private static Result Compare(string task, string whole, string folder)
    {
        string? policy = null;
        var minutes = 0.0;
        foreach (var configuration in Configurations)
        {
            var run = Path.Combine(folder, $"{task}-{configuration}");
            minutes += Train(task, configuration, whole, policy, run);
            policy = run;
        }

        return new Result(
            task, Evaluate(Path.Combine(whole, $"trained-{Configurations.Length}"), "together"), Evaluate(policy!, "alone"), Evaluate("expert", "expert"),
            Evaluate("noise", "noise"), minutes);

        Outcome Evaluate(string which, string name) => Studies.Evaluate(task, which, Episodes, Path.Combine(folder, $"{task}-{name}.json"));
    }

    // The robot's datasets of the mixture, with a batch of their share. Returns the minutes that it took.
    private static double Train(string task, string configuration, string whole, string? pretrained, string run)
    {
        var file = Path.Combine("configs", $"{configuration}.jsonc");
        var mixture = ConfigurationFile.Read(file, []);
        var all = mixture.Data.Datasets!;
        var own = all.Where(d => d.Key == $"sim_{task}" || d.Key.StartsWith($"sim_{task}_", StringComparison.Ordinal)).ToDictionary();
        var moreOf = mixture.Data.MoreOf.Where(m => own.ContainsKey(m.Key)).ToDictionary();
        return Studies.Train(pretrained is null ? "train" : "finetune", file, run,
        [
            $"data.datasets={JsonSerializer.Serialize(own)}", $"data.more_of={JsonSerializer.Serialize(moreOf)}", $"data.folder={Path.Combine(whole, "demos")}",
            $"batch_size={(int)Math.Round(mixture.BatchSize * own.Values.Sum() / all.Values.Sum())}", .. pretrained is null ? [] : new[] { $"finetune.pretrained={pretrained}" },
        ]);
    }

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
    /// <summary>Trains, or goes on, or does nothing if it is done; returns the minutes that the run took in all.</summary>
    public static double Train(string verb, string configuration, string run, IReadOnlyList<string> changes)
    {
        var file = Path.Combine(run, "minutes.json");
        if (File.Exists(file))
            return JsonSerializer.Deserialize<double>(File.ReadAllText(file));
        var clock = Stopwatch.StartNew();
        Crossformer([verb, "--config", configuration, "--resume", .. changes.Append($"folder={run}").SelectMany(c => new[] { "--set", c })]);
        File.WriteAllText(file, JsonSerializer.Serialize(clock.Elapsed.TotalMinutes));
        return clock.Elapsed.TotalMinutes;
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
