using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CrossFormer.Cli.Simulated;
using CrossFormer.Cli.Tests.House;
using CrossFormer.Simulation;
using CrossFormer.Simulation.MuJoCo;
using CrossFormer.Simulation.Rendering;

namespace CrossFormer.Cli.Tests.Simulated;

/// <summary>The whole loop, with the smallest of everything: one episode, one demonstration, two steps.</summary>
public sealed partial class QuickstartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _notes = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Category", "Slow")]
    public void FromNothing_DrivesDemonstratesTrainsAndDrivesAgain()
    {
        if ((MuJoCoLibrary.Problem ?? OffscreenGl.Problem) is { } problem)
            Assert.Skip(problem);
        var first = Run();

        Assert.Equal(Suite.Names.Order(), first.Tasks.Keys.Order());
        Assert.All(first.Tasks.Values, t => Assert.Equal((1, 1), (t.Before.Episodes, t.After.Episodes)));
        var page = File.ReadAllText(first.Report);
        Assert.All(Suite.Names, t => Assert.Contains($"{t}, trained, seed 0", page));
        Assert.Contains("samples per second", page);
        // Three trainings of two steps each, one behind the other.
        var curves = CurvePoints().Matches(page).Select(m => m.Groups[1].Value.Split(' ').Select(p => double.Parse(p.Split(',')[0], CultureInfo.InvariantCulture)).ToArray()).ToArray();
        Assert.Contains(6, curves.Select(c => c.Length));
        Assert.All(curves, c => Assert.Equal(c.Distinct().Order(), c));

        // What is there is not made again: the second run drives the same policy and finds the same.
        var demonstrations = Directory.GetLastWriteTimeUtc(_folder["demos/sim_nav/1.0.0"]);
        var second = Run();
        Assert.Equal(JsonSerializer.Serialize(first.Tasks), JsonSerializer.Serialize(second.Tasks));
        Assert.Equal(demonstrations, Directory.GetLastWriteTimeUtc(_folder["demos/sim_nav/1.0.0"]));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void FromTheShippedPolicy_DrivesTrainsAndDrivesAgain()
    {
        if ((MuJoCoLibrary.Problem ?? OffscreenGl.Problem) is { } problem)
            Assert.Skip(problem);
        var shipped = RepositoryFiles.SimulatedPolicy!;
        var result = Run(QuickstartPlan.Brief(shipped), shipped);

        Assert.Equal(Suite.Names.Order(), result.Tasks.Keys.Order());
        Assert.Equal([2], CrossFormer.Checkpoints.OrbaxDirectory.Open(_folder["trained"]).Steps);
        var page = File.ReadAllText(result.Report);
        Assert.All(Suite.Names, t => Assert.Contains($"{t}, as shipped, seed 0", page));
        Assert.All(Suite.Names, t => Assert.Contains($"{t}, trained, seed 0", page));
    }

    // As many steps, on batches of its share: the arm's is 0.38 of the first mixture, 0.5 of the second, 0.3 of the third.
    [Fact]
    [Trait("Category", "Slow")]
    public void OneRobotAlone_LearnsFromItsShareOfEveryBatch()
    {
        if ((MuJoCoLibrary.Problem ?? OffscreenGl.Problem) is { } problem)
            Assert.Skip(problem);
        var result = Run(QuickstartPlan.Full with { Tasks = ["single_arm"] }, pretrained: null, batch: 32);

        Assert.Equal(["single_arm"], result.Tasks.Keys);
        Assert.Equal(
            ["sim_single_arm", "sim_single_arm_distracted", "sim_single_arm_driven", "sim_single_arm_driven_again"],
            Directory.GetDirectories(_folder["demos"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal([13, 16, 10], Enumerable.Range(1, 3).Select(i => JsonNode.Parse(File.ReadAllText(_folder[$"trained-{i}/training.json"]))!["batch_size"]!.GetValue<int>()));
    }

    private QuickstartResult Run() => Run(QuickstartPlan.Full, pretrained: null);

    // The real plan, so that its datasets are those that the configurations ask for.
    private QuickstartResult Run(QuickstartPlan whole, string? pretrained, int batch = 4)
    {
        string[] little = ["steps=2", $"batch_size={batch}", "validation.batches=0", "log_interval=1", "optimizer.learning_rate=1e-4"];
        var plan = whole with { Episodes = 1, Lessons = [.. whole.Lessons.Select(l => l with { Demonstrations = Least(l.Demonstrations), Distracted = Least(l.Distracted), Changes = [.. l.Changes, .. little] })] };
        return new Quickstart(_folder.Path, plan, pretrained, new Terminal(TextWriter.Null, _notes, json: false, verbose: false)).Run(TestContext.Current.CancellationToken);

        static Dictionary<string, int> Least(IReadOnlyDictionary<string, int> demonstrations) => demonstrations.ToDictionary(d => d.Key, _ => 1);
    }

    [GeneratedRegex("<polyline [^>]*points=\"([^\"]+)\"")]
    private static partial Regex CurvePoints();
}
