using CrossFormer.Data.OpenX;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Trajectories;
using CrossFormer.Images;
using CrossFormer.Policies;
using CrossFormer.Simulation.Episodes;
using CrossFormer.Testing;

namespace CrossFormer.Simulation.Tests.Episodes;

public sealed class DemonstrationsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crossformer-").FullName;

    public static TheoryData<string> Tasks => SuiteTests.Tasks;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // What a user's dataset file says about a robot is what its demonstrations hold.
    [Theory]
    [MemberData(nameof(Tasks))]
    public void Dataset_StandardizesByItsFile(string task)
    {
        Simulator.Require(render: true);
        var dataset = RldsDataset.Open(Record(task, _folder, new DemonstrationOptions { Episodes = 1 }));
        var configuration = DatasetFile.Read(Path.Combine(Goldens.Repository, "configs", "datasets", $"sim_{task}.jsonc"));
        var profile = EmbodimentProfile.Load($"sim_{task}");
        Assert.Equal((dataset.Name, profile.Head, profile.Statistics), (configuration.Name, configuration.Head, configuration.Name));
        var episode = Assert.Single(dataset.ReadEpisodes("train"));

        var trajectory = StandardForm.Apply(Trajectory.From(episode, dataset.Name), configuration.Resolve().Of(dataset), new RandomStream(0));

        Assert.Equal([trajectory.Length, profile.Actions.Count], trajectory.Numbers("action").Shape);
        Assert.Equal(profile.Actions.Count, configuration.ActionMask.Count);
        Assert.Contains(trajectory.Texts("task/language_instruction").Text(0), Instructions(task));
        foreach (var camera in profile.Cameras)
            Assert.Equal(camera.Source, configuration.Images.Single(i => $"image_{i.View}" == camera.Key).Source);
        foreach (var input in profile.Proprioception)
        {
            var values = trajectory.Numbers($"observation/{input.Key}");
            Assert.Equal([trajectory.Length, input.Dimension], values.Shape);
            Assert.Contains(values.AsSpan<float>().ToArray(), v => v != 0);
        }
    }

    // A disturbed action may be longer than any that an expert gives.
    [Fact]
    public void DisturbedEpisodes_HoldTheExpertsAnswers()
    {
        Simulator.Require(render: true);
        var dataset = RldsDataset.Open(Record("nav", _folder, new DemonstrationOptions { Episodes = 3, Noise = 0.5 }));
        var limits = EmbodimentProfile.Load("sim_nav").Actions;
        foreach (var episode in dataset.ReadEpisodes("train"))
        {
            var actions = episode.Steps.Array("action").AsSpan<float>().ToArray();
            Assert.All(actions.Chunk(2), a => Assert.True(new Vector3d(a[0], a[1], 0).Length <= limits[0].Maximum + 1e-6));
            Assert.Equal(1f, episode.Steps.Array("reward").AsSpan<float>()[^1]);
        }
    }

    // The goal that training takes from an episode is the goal that evaluations give.
    [Fact]
    public void LastStep_ShowsTheGoalAsItIsTold()
    {
        Simulator.Require(render: true);
        Demonstration? made = null;
        Demonstrations.Record("nav", _folder, new DemonstrationOptions { Episodes = 1, Noise = 0 }, (_, d) => made = d, TestContext.Current.CancellationToken);
        using var environment = Simulator.Open("nav", render: true);
        environment.Reset(10_000);

        var last = made!.Steps[^1].Observation.EncodedImages["image_nav"];

        Assert.Equal(ImageCodec.EncodeJpeg(environment.Task().GoalImages["image_nav"], 95), last.ToArray());
        Assert.NotEqual(made.Steps[^2].Observation.EncodedImages["image_nav"].ToArray(), last.ToArray());
    }

    [Fact]
    public void Dataset_IsTheSameWithWorkersAndAfterAnInterruption()
    {
        Simulator.Require(render: true);
        var options = new DemonstrationOptions { Episodes = 4 };
        var whole = Record("quadcopter", Path.Combine(_folder, "whole"), options);
        using var interruption = new CancellationTokenSource();
        var interrupted = Path.Combine(_folder, "interrupted");

        Assert.Throws<OperationCanceledException>(() => Demonstrations.Record("quadcopter", interrupted, options, (i, _) =>
        {
            if (i == 1)
                interruption.Cancel();
        }, interruption.Token));
        var first = -1;
        var continued = Demonstrations.Record("quadcopter", interrupted, options with { Workers = 2 }, (i, _) => first = first < 0 ? i : first, TestContext.Current.CancellationToken);

        Assert.InRange(first, 2, 3);
        Assert.Equal(Files(whole), Files(continued));
    }

    [Fact]
    public void UnfinishedDataset_IsNotContinuedWithOtherSeeds()
    {
        Simulator.Require(render: true);
        using var interruption = new CancellationTokenSource();
        var options = new DemonstrationOptions { Episodes = 3 };
        Assert.Throws<OperationCanceledException>(() => Demonstrations.Record("quadcopter", _folder, options, (_, _) => interruption.Cancel(), interruption.Token));

        Assert.Throws<InvalidOperationException>(() => Record("quadcopter", _folder, options with { Seed = 20_000 }));
    }

    // Dataset aggregation: a policy's own states, with the expert's answers.
    [Fact]
    public void Driver_GoesItsWayAndTheExpertSaysWhatItWouldHaveDone()
    {
        Simulator.Require(render: true);
        var dataset = RldsDataset.Open(Record("quadcopter", _folder, new DemonstrationOptions
        {
            Episodes = 1,
            Noise = 0,
            Driver = e => new NoisePolicy(e, 5),
            DriverName = "noise",
            Name = "sim_quadcopter_driven",
        }));
        var episode = Assert.Single(dataset.ReadEpisodes("train"));

        Assert.Equal("sim_quadcopter_driven", dataset.Name);
        // The goal, shown as the last step, is how the dataset tells it, reached or not.
        Assert.Equal(81, episode.StepCount);
        using var environment = Simulator.Open("quadcopter");
        environment.Reset(10_000);
        Assert.Equal(environment.ExpertAction(), episode.Steps.Array("action").AsSpan<float>()[..2].ToArray());
        Assert.False(episode.Metadata.Array("episode_metadata/success").AsSpan<bool>()[0]);
    }

    [Fact]
    public void ExpertThatTakesOver_IsRecordedFromThereOn()
    {
        Simulator.Require(render: true);
        var options = new DemonstrationOptions { Episodes = 4, Noise = 0, Driver = e => new NoisePolicy(e, 5), DriverName = "noise", TakeOver = true };
        var episodes = RldsDataset.Open(Record("quadcopter", _folder, options)).ReadEpisodes("train").ToArray();
        Assert.All(episodes, e => Assert.True(e.Metadata.Array("episode_metadata/success").AsSpan<bool>()[0]));
        using var environment = Simulator.Open("quadcopter");
        var begun = episodes.Select((e, i) =>
        {
            environment.Reset(10_000 + i);
            return environment.ExpertAction().SequenceEqual(e.Steps.Array("action").AsSpan<float>()[..2].ToArray());
        });
        Assert.Contains(false, begun); // from where noise had brought it
    }

    // On its way to another balloon, with the answers about the one that is meant: only the goal image tells.
    [Fact]
    public void DistractedRobot_GoesAstrayWithTheExpertsAnswers()
    {
        Simulator.Require(render: true);
        var episodes = RldsDataset.Open(Record("quadcopter", _folder, new DemonstrationOptions { Episodes = 6, Noise = 0, Distracted = true })).ReadEpisodes("train").ToArray();

        var astray = episodes.Index().Count(e =>
        {
            using var environment = Simulator.Open("quadcopter");
            environment.Reset(10_000 + e.Index);
            var answers = e.Item.Steps.Array("action").AsSpan<float>().ToArray().Chunk(2).ToArray();
            Assert.Equal(environment.ExpertAction(), answers[0]);
            // Who does as the answer says is elsewhere afterwards than the distracted robot, whose next answer is another.
            environment.Step(answers[0]);
            return !environment.ExpertAction().SequenceEqual(answers[1]);
        });

        Assert.InRange(astray, 2, 6);
    }

    [Theory]
    [InlineData("single_arm", "image_primary", 71)]
    [InlineData("nav", "image_nav", 61)]
    public void FailedEpisode_EndsWithTheGoalAndWithTheAnswerWhereTheRobotCame(string task, string camera, int steps)
    {
        Simulator.Require(render: true);
        Demonstration? made = null;
        var options = new DemonstrationOptions { Episodes = 1, Noise = 0, Driver = e => new HoldingPolicy(e), DriverName = "nobody" };
        Demonstrations.Record(task, _folder, options, (_, d) => made = d, TestContext.Current.CancellationToken);
        using var environment = Simulator.Open(task, render: true);
        environment.Reset(10_000);
        for (var step = 0; step < steps - 1; step++)
            environment.Step(environment.HoldAction());

        Assert.False(made!.Succeeded);
        Assert.Equal(steps, made.Steps.Count);
        Assert.Equal(environment.ExpertAction(), made.Steps[^1].Action);
        var goal = ImageCodec.EncodeJpeg(environment.Task(byGoalImage: true).GoalImages[camera], 95);
        Assert.Equal(goal, made.Steps[^1].Observation.EncodedImages[camera].ToArray());
        Assert.NotEqual(goal, made.Steps[^2].Observation.EncodedImages[camera].ToArray());
    }

    [Fact]
    public void DriverThatProposesNaN_HasFailed()
    {
        Simulator.Require(render: true);
        Demonstration? made = null;
        var options = new DemonstrationOptions { Episodes = 1, Noise = 0, Driver = e => new HoldingPolicy(e) { BrokenFrom = 3 }, DriverName = "nobody" };
        Demonstrations.Record("quadcopter", _folder, options, (_, d) => made = d, TestContext.Current.CancellationToken);

        Assert.False(made!.Succeeded);
        Assert.Equal(5, made.Steps.Count); // the one at which it broke, and the goal
    }

    [Fact]
    public void FinishedDataset_StandsForNoOther()
    {
        Simulator.Require(render: true);
        var options = new DemonstrationOptions { Episodes = 1 };
        var dataset = Record("quadcopter", _folder, options);

        Assert.Equal(dataset, Demonstrations.Finished("quadcopter", _folder, options with { Workers = 2 }));
        Assert.Null(Demonstrations.Finished("nav", _folder, options));
        foreach (var other in (DemonstrationOptions[])[options with { Episodes = 2 }, options with { Seed = 5 }, options with { Noise = 0.1 }, options with { Distracted = true }])
            Assert.Contains("there already", Assert.Throws<IOException>(() => Demonstrations.Finished("quadcopter", _folder, other)).Message);
    }

    [Fact]
    public void UnfinishedDataset_WithMoreEpisodesThanAreWanted_IsLeftAlone()
    {
        Simulator.Require(render: true);
        using var interruption = new CancellationTokenSource();
        var options = new DemonstrationOptions { Episodes = 5 };
        Assert.Throws<OperationCanceledException>(() => Demonstrations.Record("quadcopter", _folder, options, (i, _) =>
        {
            if (i == 2)
                interruption.Cancel();
        }, interruption.Token));

        Assert.Contains("3 episodes already", Assert.Throws<InvalidOperationException>(() => Record("quadcopter", _folder, options with { Episodes = 2 })).Message);
        Assert.Equal(5, RldsDataset.Open(Record("quadcopter", _folder, options)).EpisodeCount("train"));
    }

    // Found at once, and not at the first episode that happens to say it.
    [Fact]
    public void InstructionThatTheDriverDoesNotKnow_IsFoundBeforehand()
    {
        Simulator.Require(render: true);
        var options = new DemonstrationOptions { Episodes = 1, Driver = e => new HoldingPolicy(e) { Unknown = e.Instructions[^1] }, DriverName = "nobody" };

        Assert.Contains("unknown", Assert.Throws<ArgumentException>(() => Demonstrations.Require("bimanual", options)).Message);
    }

    [Fact]
    public void Distraction_NeedsAChoiceAndNoDriver()
    {
        Simulator.Require(render: true);
        var options = new DemonstrationOptions { Episodes = 1, Distracted = true };

        Assert.Contains("one thing", Assert.Throws<ArgumentException>(() => Record("quadruped", _folder, options)).Message);
        Assert.Throws<ArgumentException>(() => Record("quadcopter", _folder, options with { Driver = e => new NoisePolicy(e, 5) }));
    }

    private static string Record(string task, string folder, DemonstrationOptions options) =>
        Demonstrations.Record(task, folder, options, cancellation: TestContext.Current.CancellationToken);

    private static IReadOnlyList<string> Instructions(string task)
    {
        using var environment = Simulator.Open(task);
        return environment.Instructions;
    }

    private sealed class HoldingPolicy(SimulatedEnvironment environment) : IPolicy
    {
        private int _asked;

        public int BrokenFrom { get; init; } = int.MaxValue;

        public EmbodimentProfile Profile => environment.Profile;

        public string? Unknown { get; init; }

        public void Reset(PolicyTask task) =>
            _asked = task.Instruction is { } text && text == Unknown ? throw new ArgumentException($"'{text}' is unknown.") : 0;

        public ActionChunk Predict(Observation observation)
        {
            var action = environment.HoldAction();
            if (_asked++ >= BrokenFrom)
                action[0] = float.NaN;
            return new ActionChunk(action, action.Length, observation.Timestamp, Profile.Period);
        }

        public void Dispose()
        {
        }
    }

    private static string[] Files(string folder) =>
        [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(f => $"{Path.GetFileName(f)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))}")];
}
