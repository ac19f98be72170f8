// Is a new robot learned from fewer demonstrations by the policy of other robots than from nothing? The SCARA arm of docs/simulation.md.
//   dotnet run build/SixthRobot.cs -- models/cross_embodied_sim runs/sixth_robot
// From the repository's root. The first folder is the checkpoint to fine-tune; demonstrations, runs, results.json, results.md and
// success.svg go into the second. Further words change configs/sim_sixth_robot.jsonc for all runs: steps=1000. What an interrupted
// study has finished is not done again.
#:project ../src/CrossFormer.Simulation
#:property GenerateDocumentationFile=true
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrossFormer.Reports;
using CrossFormer.Simulation.Episodes;

const int episodes = 50; // of an evaluation, from seed 0 on
int[] counts = [10, 30, 100];

if (args is not [var pretrained, var folder, .. var changes])
{
    Console.Error.WriteLine("usage: dotnet run build/SixthRobot.cs -- CHECKPOINT OUTPUT [a.b=value ...]");
    return 2;
}

var results = counts.Select(Compare).ToList();
File.WriteAllText(Path.Combine(folder, "results.json"), JsonSerializer.Serialize(new { pretrained, episodes, results }, JsonSerializerOptions.Web));
var table = $"""
    | demonstrations | fine-tuned, of {episodes} | interval | from scratch, of {episodes} | interval |
    |---|---|---|---|---|
    {string.Join('\n', results.Select(r => $"| {r.Demonstrations} | {r.FineTuned} | {r.FromScratch} |"))}

    """;
File.WriteAllText(Path.Combine(folder, "results.md"), table);
CurvePicture.Save(
    Path.Combine(folder, "success.svg"), "successes, %", [Draw("fine-tuned", r => r.FineTuned), Draw("from scratch", r => r.FromScratch)], "demonstrations", high: 100);
Console.WriteLine(table);
return 0;

// Every number of demonstrations has a dataset of its own, the first episodes of the larger ones: nothing is normalised by what is not seen.
Result Compare(int demonstrations)
{
    var demos = Path.Combine(folder, $"demos_{demonstrations}");
    if (!Directory.Exists(Path.Combine(demos, "sim_scara", "1.0.0")))
        Crossformer("simulate", "demos", "--task", "scara", "--episodes", $"{demonstrations}", "--out", demos);
    var (tuned, scratch) = (Path.Combine(folder, $"finetuned_{demonstrations}"), Path.Combine(folder, $"scratch_{demonstrations}"));
    Train("finetune", tuned, $"finetune.pretrained={pretrained}");
    // The same model: as fine-tuning has made it of the checkpoint's.
    var model = JsonNode.Parse(File.ReadAllText(Path.Combine(tuned, "config.json")))!["model"]!;
    Train("train", scratch, "finetune=null", $"model={model.ToJsonString()}");
    return new Result(demonstrations, Evaluate(tuned), Evaluate(scratch));

    void Train(string verb, string run, params string[] start)
    {
        string[] set = [.. changes, .. start, $"folder={run}", $"data.folder={demos}"];
        Crossformer([verb, "--config", "configs/sim_sixth_robot.jsonc", "--resume", .. set.SelectMany(c => new[] { "--set", c })]);
    }
}

Outcome Evaluate(string run)
{
    var file = Path.Combine(run, "evaluation.json");
    if (!File.Exists(file))
        File.WriteAllText(file, Crossformer("simulate", "evaluate", "--task", "scara", "--policy", run, "--episodes", $"{episodes}", "--out", Path.ChangeExtension(file, "html"), "--json"));
    var successes = JsonNode.Parse(File.ReadAllText(file))!["tasks"]!["scara"]!["successes"]!.GetValue<int>();
    return new Outcome(successes, WilsonInterval.Of(successes, episodes));
}

string Crossformer(params string[] arguments)
{
    using var process = Process.Start(new ProcessStartInfo("./crossformer", arguments) { RedirectStandardOutput = true })!;
    var output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? output : throw new InvalidOperationException($"./crossformer {arguments[0]} failed: exit code {process.ExitCode}.");
}

Curve Draw(string name, Func<Result, Outcome> outcome) => new(name, [.. results.Select(r => ((double)r.Demonstrations, 100.0 * outcome(r).Successes / episodes))])
{
    Band = [.. results.Select(r => ((double)r.Demonstrations, 100 * outcome(r).Interval.Low, 100 * outcome(r).Interval.High))],
};

internal sealed record Result(int Demonstrations, Outcome FineTuned, Outcome FromScratch);

/// <param name="Successes">Of an evaluation's episodes.</param>
/// <param name="Interval">Of the success rate.</param>
internal sealed record Outcome(int Successes, WilsonInterval Interval)
{
    public override string ToString() => $"{Successes} | {100 * Interval.Low:f0}–{100 * Interval.High:f0} %";
}
