using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Cli.Simulated;
using CrossFormer.Cli.Tests.House;
using CrossFormer.Policies;
using CrossFormer.Simulation;
using CrossFormer.Simulation.Episodes;
using CrossFormer.Simulation.MuJoCo;
using CrossFormer.Statistics;
using CrossFormer.Text;
using TorchSharp;

namespace CrossFormer.Cli.Tests.Simulated;

/// <summary>A checkpoint drives a simulated robot: an untrained one, whose statistics alone decide what it does.</summary>
public sealed class SimulatedPoliciesTests : IDisposable
{
    private const int Proprioception = 59;

    private readonly TemporaryFolder _folder = new();

    public SimulatedPoliciesTests() => Assert.SkipUnless(MuJoCoLibrary.Problem is null, MuJoCoLibrary.Problem ?? "");

    public void Dispose() => _folder.Dispose();

    // A deviation of zero leaves the mean, in robot units, whatever the network says: the robot stands as the statistics tell it.
    [Fact]
    public void Checkpoint_ActsInTheUnitsOfItsStatistics()
    {
        using var robot = new SimulatedEnvironment("quadruped");
        robot.Reset(0);
        var standing = robot.HoldAction();
        Save(standing, deviation: 0);
        using var policies = Open();

        var results = Evaluation.Run("quadruped", policies.For, sees: true, new EvaluationOptions { Episodes = 1, Filmed = 0 }, cancellation: TestContext.Current.CancellationToken);

        var episode = Assert.Single(results.Episodes);
        Assert.Null(episode.Problem);
        Assert.Equal((robot.MaxSteps, false), (episode.Steps, episode.Succeeded));
        using var policy = policies.For(robot);
        policy.Reset(robot.Task());
        Assert.Equal(standing, policy.Predict(robot.Reset(1))[0].ToArray());
    }

    [Fact]
    public void ShippedPolicy_FitsEveryRobotAndKnowsItsInstructions()
    {
        var shipped = RepositoryFiles.SimulatedPolicy!;
        using var policies = new SimulatedPolicies(shipped, torch.CPU, Precision.Float32, text: null);
        using var model = CrossFormerModel.LoadPretrained(shipped);
        var phrases = ((EmbeddingTable)model.TextEncoder!).Texts;
        Assert.All(Suite.Names, task =>
        {
            using var robot = new SimulatedEnvironment(task, render: false);
            using var policy = policies.For(robot);
            if (robot.TakesInstructions)
                Assert.Subset(phrases.ToHashSet(), robot.Instructions.ToHashSet());
        });
    }

    // Noise never does, and it needs no camera. Far below the rate that the model card gives, for another processor rounds otherwise.
    [Fact]
    public void ShippedPolicy_WalksStraight()
    {
        using var policies = new SimulatedPolicies(RepositoryFiles.SimulatedPolicy!, torch.CPU, Precision.Float32, text: null);
        var results = Evaluation.Run("quadruped", policies.For, sees: true, new EvaluationOptions { Episodes = 10, Filmed = 0 }, cancellation: TestContext.Current.CancellationToken);
        Assert.True(results.Successes >= 5, $"{results.Successes} of 10 episodes succeeded.");
    }

    [Fact]
    public void Checkpoint_ReadsWhatTheRobotFeels()
    {
        using var robot = new SimulatedEnvironment("quadruped");
        Save(new float[12], deviation: 1);
        using var policies = Open();
        using var policy = policies.For(robot);
        policy.Reset(robot.Task());

        var (one, other) = (policy.Predict(robot.Reset(0))[0].ToArray(), policy.Predict(robot.Reset(1))[0].ToArray());

        Assert.NotEqual(one, other);
    }

    // What tells the whole suite's instructions lies beside the parameters; the quadruped is told none.
    [Fact]
    public void Checkpoint_BringsTheVectorsOfItsInstructions()
    {
        Save(new float[12], deviation: 1, texts: EmbeddingTable.Build([("", [0, 0]), ("go forward", [1, 2])]));

        using var model = CrossFormerModel.LoadPretrained(_folder.Path);

        Assert.Equal([1, 2], model.TextEncoder!.Encode("Go forward."));
    }

    [Theory]
    [InlineData("nav", "image_nav")]
    [InlineData("single_arm", "image_primary")]
    public void AnotherRobot_IsRefusedWithWhatIsMissing(string task, string missing)
    {
        Save(new float[12], deviation: 1);
        using var policies = Open();

        var error = Assert.Throws<ArgumentException>(() => Evaluation.Run(task, policies.For, sees: false, cancellation: TestContext.Current.CancellationToken));

        Assert.Contains(missing, error.Message);
    }

    [Fact]
    public void StatisticsOfAnotherSize_AreRefused()
    {
        Save(new float[11], deviation: 1);
        using var policies = Open();
        using var robot = new SimulatedEnvironment("quadruped");

        var error = Assert.Throws<ArgumentException>(() => policies.For(robot));

        Assert.Contains("has 12 actions, the statistics 'sim_quadruped' have 11 dimensions", error.Message);
    }

    // What a dataset that it drove is told by: the folder's name alone would stand for what it holds after more training, too.
    [Fact]
    public void Name_FollowsFromTheParameters()
    {
        Save(new float[12], deviation: 1);
        using var policies = Open();
        using var model = CrossFormerModel.LoadPretrained(_folder.Path);
        Assert.Equal($"{Path.GetFileName(_folder.Path)}, parameters {model.Module.Parameters.Fingerprint()[..8]}", policies.Name);
        var before = model.Module.Parameters.Fingerprint();

        model.Module.Parameters.FillByFormula();

        Assert.NotEqual(before, model.Module.Parameters.Fingerprint());
    }

    // Hours of the first robots' episodes are not begun when the last cannot be driven.
    [Fact]
    public void RobotThatCannotBeDriven_IsFoundBeforeTheFirstOneMoves()
    {
        Save(new float[12], deviation: 1);
        using var policies = Open();
        var terminal = new Terminal(TextWriter.Null, TextWriter.Null, json: false, verbose: false);

        Assert.Throws<ArgumentException>(() => ClosedLoop.Run(
            ["quadruped", "single_arm"], policies.For, sees: false, new EvaluationOptions { Episodes = 1, Filmed = 0 }, terminal, _ => Assert.Fail("It began."), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("walk", "quadruped")]
    [InlineData("quadruped", "sim_quadruped")]
    public void MissingHeadOrStatistics_AreRefusedByName(string head, string named)
    {
        Save(new float[12], deviation: 1, head, statistics: head == "quadruped" ? "another_robot" : "sim_quadruped");
        using var policies = Open();
        using var robot = new SimulatedEnvironment("quadruped");

        var error = Assert.ThrowsAny<Exception>(() => policies.For(robot));

        Assert.Contains($"'{named}'", error.Message);
    }

    private SimulatedPolicies Open() => new(_folder.Path, torch.CPU, Precision.Float32, text: null);

    private void Save(float[] mean, double deviation, string head = "quadruped", string statistics = "sim_quadruped", EmbeddingTable? texts = null)
    {
        var config = JsonNode.Parse($$"""
            {
              "model": {
                "observation_tokenizers": {
                  "quadruped": { "module": "crossformer.model.components.tokenizers", "name": "LowdimObsTokenizer", "kwargs": { "obs_keys": ["proprio_quadruped"] } }
                },
                "task_tokenizers": {},
                "heads": {
                  "{{head}}": { "module": "crossformer.model.components.action_heads", "name": "L1ActionHead", "kwargs": {
                    "action_horizon": 1, "action_dim": 12, "num_preds": 12, "pool_strategy": "pass", "readout_key": "readout_{{head}}", "clip_pred": false } }
                },
                "readouts": { "{{head}}": 1 },
                "token_embedding_size": 16, "max_horizon": 1,
                "transformer_kwargs": { "num_layers": 1, "mlp_dim": 16, "num_attention_heads": 2, "dropout_rate": 0.0, "attention_dropout_rate": 0.0, "repeat_pos_enc": true }
              }
            }
            """)!.AsObject();
        var example = ArrayTree.Nest(
        [
            Entry("observation/proprio_quadruped", NdArray.From(new float[Proprioception], 1, 1, Proprioception)),
            Entry("observation/timestep_pad_mask", NdArray.From(new[] { true }, 1, 1)),
            // Trained beside robots that are told what to do; nothing of this one reads it.
            Entry("task/language_instruction", NdArray.From(new float[2], 1, 2)),
        ]);
        var action = new FeatureStatistics([.. mean.Select(m => (double)m)], [.. mean.Select(_ => deviation)]);
        var proprioception = new FeatureStatistics(new double[Proprioception], [.. Enumerable.Repeat(1.0, Proprioception)]);
        var dataset = new DatasetStatistics(new Dictionary<string, FeatureStatistics> { [DatasetStatistics.ActionName] = action, ["proprio_quadruped"] = proprioception });
        using var model = CrossFormerModel.FromConfig(config, example, new StatisticsCollection(new Dictionary<string, DatasetStatistics> { [statistics] = dataset, ["other"] = dataset }), texts);
        model.SavePretrained(_folder.Path, step: 0);
    }

    private static KeyValuePair<string, StoredArray> Entry(string name, NdArray array) => new(name, new MemoryArray(array));
}
