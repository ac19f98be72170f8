// Two studies on the simulated robots of docs/simulation.md. From the repository's root:
//
//   dotnet run build/SimulationStudies.cs -- single-robots models/cross_embodied_sim runs/single_robots [TASK ...]
//
// Does one policy for five robots do as well as a policy for each? The policy that is compared, and where everything goes. Each robot has
// `./crossformer quickstart --full` for itself: the same demonstrations, model and configurations, as many steps, on batches as large as
// the robot's share of the mixture's, rounded up, so that it sees at least as many samples of its robot. Tasks: only these.
//
//   dotnet run build/SimulationStudies.cs -- sixth-robot models/cross_embodied_sim runs/sixth_robot [a.b=value ...]
//
// Is a new robot learned from fewer demonstrations by the policy of other robots than from nothing? The SCARA arm. The first folder is the
// checkpoint to fine-tune; changes are those of configs/sim_sixth_robot.jsonc, for all runs. The curves go into success.svg.
//
// Runs, evaluations, results.json and results.md go into the second folder. What an interrupted study has finished is not done again.
#:project ../src/CrossFormer.Simulation
#:property GenerateDocumentationFile=true
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrossFormer.Formats;
using CrossFormer.Reports;
using CrossFormer.Simulation;
using CrossFormer.Simulation.Episodes;

switch (args)
{
    case ["single-robots", var together, var folder, .. var tasks]:
        SingleRobots.Study(together, folder, tasks.Length == 0 ? Suite.Names : tasks);
        return 0;
    case ["sixth-robot", var pretrained, var folder, .. var changes]:
        SixthRobot.Study(pretrained, folder, changes);
        return 0;
    default:
        Console.Error.WriteLine("usage: dotnet run build/SimulationStudies.cs -- single-robots CHECKPOINT OUTPUT [TASK ...] | sixth-robot CHECKPOINT OUTPUT [a.b=value ...]");
        return 2;
}

internal static class SingleRobots
{
    private const int Episodes = 100; // of an evaluation, from seed 0 on, as the quickstart's

    public static void Study(string together, string folder, IReadOnlyList<string> tasks)
    {
        if (tasks.FirstOrDefault(t => !Suite.Names.Contains(t)) is { } unknown)
            throw new ArgumentException($"There is no task '{unknown}'; there are {string.Join(", ", Suite.Names)}.");
        Directory.CreateDirectory(folder);
        // What cannot be compared is better known now than hours later.
        foreach (var task in tasks)
            Evaluate(task, "together", together, folder);
        var results = tasks.Select(task => Compare(task, together, folder)).ToList();
        Studies.Write(folder, new { together, Episodes, results }, $"""
            | task | all five, of {Episodes} | interval | alone, of {Episodes} | interval | expert | interval | noise | interval | minutes of training alone |
            |---|---|---|---|---|---|---|---|---|---|
            {string.Join('\n', results.Select(r => $"| `{r.Task}` | {r.Together} | {r.Alone} | {r.Expert} | {r.Noise} | {r.Minutes:f0} |"))}

            """);
    }

    private static Result Compare(string task, string together, string folder)
    {
        var run = Path.Combine(folder, task);
        // Before the training noise drives: that evaluation is here too.
        var outcomes = Studies.Once(Path.Combine(folder, $"{task}-alone.json"), ["quickstart", "--full", "--task", task, "--out", run])["tasks"]![task]!;
        return new Result(
            task, Evaluate(task, "together", together, folder), Outcome.Of(outcomes["after"]!), Evaluate(task, "expert", "expert", folder), Outcome.Of(outcomes["before"]!),
            Directory.EnumerateFiles(run, "log.jsonl", SearchOption.AllDirectories).Sum(Studies.Minutes));
    }

    private static Outcome Evaluate(string task, string name, string policy, string folder) =>
        Studies.Evaluate(task, policy, Episodes, Path.Combine(folder, $"{task}-{name}.json"));

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
        Studies.Once(Path.Combine(demos, "made.json"), ["simulate", "demos", "--task", "scara", "--episodes", $"{demonstrations}", "--out", demos]);
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
    /// <summary>Trains, or goes on, or does nothing if it is done.</summary>
    public static void Train(string verb, string configuration, string run, IReadOnlyList<string> changes)
    {
        Once(Path.Combine(run, "finished.json"), [verb, "--config", configuration, "--resume", .. changes.Append($"folder={run}").SelectMany(c => new[] { "--set", c })], Finished);

        // A training that was asked to stop has succeeded too.
        static bool Finished(JsonNode result) => result["finished"]!.GetValue<bool>();
    }

    /// <summary>Minutes of a training, in all its parts.</summary>
    /// <param name="log">Its log.jsonl.</param>
    public static double Minutes(string log)
    {
        var batch = JsonNode.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(log)!, "training.json")))!["batch_size"]!.GetValue<int>();
        var (minutes, before) = (0.0, 0);
        foreach (var line in File.ReadLines(log).Select(l => JsonNode.Parse(l)!))
        {
            var step = line["step"]!.GetValue<int>();
            minutes += (step - before) * batch / line["samples_per_second"]!.GetValue<double>() / 60;
            before = step;
        }

        return minutes;
    }

    /// <summary>Successes of seeds 0 to below <paramref name="episodes"/>; <paramref name="file"/> keeps them.</summary>
    public static Outcome Evaluate(string task, string policy, int episodes, string file) =>
        Outcome.Of(Once(file, ["simulate", "evaluate", "--task", task, "--policy", policy, "--episodes", $"{episodes}", "--out", Path.ChangeExtension(file, "html")])["tasks"]![task]!);

    /// <summary>What a command prints as JSON: from <paramref name="file"/>, if that same command has written it there before.</summary>
    /// <exception cref="InvalidOperationException">The file has another command's result, or the command fails.</exception>
    public static JsonNode Once(string file, string[] command, Func<JsonNode, bool>? isDone = null)
    {
        var line = string.Join(' ', command);
        if (File.Exists(file))
        {
            var kept = JsonNode.Parse(File.ReadAllText(file))!;
            return kept["command"]?.GetValue<string>() == line
                ? kept["result"]!
                : throw new InvalidOperationException($"{file} is the result of '{kept["command"]}' and not of '{line}'; give another folder.");
        }

        using var process = Process.Start(new ProcessStartInfo("./crossformer", [.. command, "--json"]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"./crossformer {line} failed: exit code {process.ExitCode}.");
        var result = JsonNode.Parse(output)!;
        if (isDone?.Invoke(result) == false)
            throw new OperationCanceledException($"./crossformer {line} was stopped; the same study goes on.");
        Save(file, new JsonObject { ["command"] = line, ["result"] = result }.ToJsonString());
        return result;
    }

    public static void Write(string folder, object results, string table)
    {
        Save(Path.Combine(folder, "results.json"), JsonSerializer.Serialize(results, JsonSerializerOptions.Web));
        Save(Path.Combine(folder, "results.md"), table);
        Console.WriteLine(table);
    }

    private static void Save(string file, string text) => AtomicFile.Write(file, Encoding.UTF8.GetBytes(text));
}

/// <param name="Successes">Of an evaluation's episodes.</param>
/// <param name="Interval">Of the success rate.</param>
internal sealed record Outcome(int Successes, WilsonInterval Interval)
{
    /// <summary>Of a task, as <c>simulate evaluate --json</c> prints it.</summary>
    public static Outcome Of(JsonNode task)
    {
        var successes = task["successes"]!.GetValue<int>();
        return new Outcome(successes, WilsonInterval.Of(successes, task["episodes"]!.GetValue<int>()));
    }

    public override string ToString() => $"{Successes} | {100 * Interval.Low:f0}–{100 * Interval.High:f0} %";
}
