// Does one policy for five robots do as well as a policy for each? Trains the single-robot policies and writes the table of docs/simulation.md.
//   dotnet run build/SingleRobots.cs -- runs/quickstart-full runs/single_robots
// From the repository's root. The first folder is that of `./crossformer quickstart --full`, whose demonstrations are used and whose policy
// is compared; runs, evaluations, results.json and results.md go into the second. Names of tasks behind them: only these.
// A single-robot policy is the same model, trained by the same two configurations for as many steps, on batches as large as the robot's
// share of the mixture's: so it sees as many samples of its robot. What an interrupted study has finished is not done again.
#:project ../src/CrossFormer.Training
#:project ../src/CrossFormer.Simulation
#:property GenerateDocumentationFile=true
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrossFormer.Simulation;
using CrossFormer.Simulation.Episodes;
using CrossFormer.Training.Configuration;

const int episodes = 100; // of an evaluation, from seed 0 on
string[] configurations = ["sim_cross_embodied", "sim_cross_embodied_driven"];

if (args is not [var whole, var folder, .. var named])
{
    Console.Error.WriteLine("usage: dotnet run build/SingleRobots.cs -- QUICKSTART_FOLDER OUTPUT [TASK ...]");
    return 2;
}

Directory.CreateDirectory(folder);
var results = (named.Length == 0 ? Suite.Names : named).Select(Compare).ToList();
File.WriteAllText(Path.Combine(folder, "results.json"), JsonSerializer.Serialize(new { episodes, results }, JsonSerializerOptions.Web));
var table = $"""
    | task | all five, of {episodes} | interval | alone, of {episodes} | interval | expert | noise | minutes of training alone |
    |---|---|---|---|---|---|---|---|
    {string.Join('\n', results.Select(r => $"| `{r.Task}` | {r.Together} | {r.Alone} | {r.Expert.Successes} | {r.Noise.Successes} | {r.Minutes:f0} |"))}

    """;
File.WriteAllText(Path.Combine(folder, "results.md"), table);
Console.WriteLine(table);
return 0;

Result Compare(string task)
{
    var clock = Stopwatch.StartNew();
    string? policy = null;
    foreach (var configuration in configurations)
        policy = Train(task, configuration, policy);
    var minutes = Path.Combine(policy!, "minutes.json");
    if (!File.Exists(minutes))
        File.WriteAllText(minutes, JsonSerializer.Serialize(clock.Elapsed.TotalMinutes));
    return new Result(
        task, Evaluate(task, Path.Combine(whole, $"trained-{configurations.Length}"), "together"), Evaluate(task, policy!, "alone"),
        Evaluate(task, "expert", "expert"), Evaluate(task, "noise", "noise"), JsonSerializer.Deserialize<double>(File.ReadAllText(minutes)));
}

// The robot's datasets of the mixture, with a batch of their share.
string Train(string task, string configuration, string? pretrained)
{
    var file = Path.Combine("configs", $"{configuration}.jsonc");
    var mixture = ConfigurationFile.Read(file, []);
    var all = mixture.Data.Datasets!;
    var own = all.Where(d => d.Key == $"sim_{task}" || d.Key == $"sim_{task}_driven").ToDictionary();
    var run = Path.Combine(folder, $"{task}-{configuration}");
    var moreOf = mixture.Data.MoreOf.Where(m => own.ContainsKey(m.Key)).ToDictionary();
    string[] changes =
    [
        $"data.datasets={JsonSerializer.Serialize(own)}", $"data.more_of={JsonSerializer.Serialize(moreOf)}", $"data.folder={Path.Combine(whole, "demos")}", $"folder={run}",
        $"batch_size={(int)Math.Round(mixture.BatchSize * own.Values.Sum() / all.Values.Sum())}", .. pretrained is null ? [] : new[] { $"finetune.pretrained={pretrained}" },
    ];
    Crossformer([pretrained is null ? "train" : "finetune", "--config", file, "--resume", .. changes.SelectMany(c => new[] { "--set", c })]);
    return run;
}

Outcome Evaluate(string task, string policy, string name)
{
    var file = Path.Combine(folder, $"{task}-{name}.json");
    if (!File.Exists(file))
        File.WriteAllText(file, Crossformer(["simulate", "evaluate", "--task", task, "--policy", policy, "--episodes", $"{episodes}", "--out", Path.ChangeExtension(file, "html"), "--json"]));
    var successes = JsonNode.Parse(File.ReadAllText(file))!["tasks"]![task]!["successes"]!.GetValue<int>();
    return new Outcome(successes, WilsonInterval.Of(successes, episodes));
}

static string Crossformer(string[] arguments)
{
    using var process = Process.Start(new ProcessStartInfo("./crossformer", arguments) { RedirectStandardOutput = true })!;
    var output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? output : throw new InvalidOperationException($"./crossformer {arguments[0]} failed: exit code {process.ExitCode}.");
}

internal sealed record Result(string Task, Outcome Together, Outcome Alone, Outcome Expert, Outcome Noise, double Minutes);

/// <param name="Successes">Of an evaluation's episodes.</param>
/// <param name="Interval">Of the success rate.</param>
internal sealed record Outcome(int Successes, WilsonInterval Interval)
{
    public override string ToString() => $"{Successes} | {100 * Interval.Low:f0}–{100 * Interval.High:f0} %";
}
