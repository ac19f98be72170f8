using CrossFormer.Arrays;
using CrossFormer.Policies;
using CrossFormer.Simulation.Tasks;

namespace CrossFormer.Simulation.Tests;

/// <summary>What every simulated robot promises. Without rendering but for one episode of each.</summary>
public sealed class SuiteTests
{
    public static TheoryData<string> Tasks => [.. Suite.Names, .. Suite.HeldOut];

    public static TheoryData<string> TasksWithCameras => [.. Suite.Names.Concat(Suite.HeldOut).Where(t => EmbodimentProfile.Load($"sim_{t}").Cameras.Count > 0)];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Expert_SolvesTheTask(string task)
    {
        using var environment = Simulator.Open(task);

        Assert.InRange(Successes(environment, 20, e => e.ExpertAction()), 19, 20);
    }

    [Theory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Tasks))]
    public void Expert_SolvesNinetyFiveOfAHundred(string task)
    {
        using var environment = Simulator.Open(task);

        Assert.InRange(Successes(environment, 100, e => e.ExpertAction()), 95, 100);
    }

    [Theory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Tasks))]
    public void Expert_SolvesTheTaskWithUnseenObjects(string task)
    {
        using var environment = Simulator.Open(task);

        Assert.InRange(Successes(environment, 40, e => e.ExpertAction(), SceneVariation.Unseen), 37, 40);
    }

    [Fact]
    public void Environment_MayBeDisposedTwice()
    {
        var environment = Simulator.Open("single_arm");
        environment.Reset(0);
        environment.Dispose();
        environment.Dispose();
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Zeros_DoNotSolveTheTask(string task)
    {
        using var environment = Simulator.Open(task);
        var zeros = new float[environment.Profile.Actions.Count];

        Assert.Equal(0, Successes(environment, 5, _ => zeros));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Noise_DoesNotSolveTheTask(string task)
    {
        using var environment = Simulator.Open(task);
        var random = new Random(1);

        Assert.Equal(0, Successes(environment, 5, e => Noise(random, e.Profile)));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Episode_FollowsFromItsSeed(string task)
    {
        using var first = Simulator.Open(task);
        using var second = Simulator.Open(task);
        Run(second, 3, steps: 5); // what happened before must not matter

        Assert.Equal(Run(first, 7, steps: 30), Run(second, 7, steps: 30));
        Assert.NotEqual(Run(first, 7, steps: 30), Run(first, 8, steps: 30));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Starts_DifferFromSeedToSeed(string task)
    {
        using var environment = Simulator.Open(task);

        var starts = Enumerable.Range(0, 10).Select(seed => State(environment, environment.Reset(seed))).ToList();

        Assert.Equal(10, starts.Distinct().Count());
    }

    // What makes demonstrations from disturbed or foreign trajectories possible.
    [Theory]
    [MemberData(nameof(Tasks))]
    public void Expert_KnowsWhatToDoInAnyState(string task)
    {
        using var environment = Simulator.Open(task);
        var random = new Random(2);
        for (var seed = 0; seed < 3; seed++)
        {
            environment.Reset(seed);
            while (!environment.IsOver && environment.Steps < 60)
            {
                var action = environment.ExpertAction();
                Assert.Equal(action, environment.ExpertAction());
                Assert.All(action.Zip(environment.Profile.Actions), pair => Assert.InRange(
                    pair.First, (pair.Second.Minimum ?? float.MinValue) - 1e-6f, (pair.Second.Maximum ?? float.MaxValue) + 1e-6f));
                environment.Step(Noise(random, environment.Profile));
            }
        }
    }

    // One of the things is meant; for each of the others an expert would do something else.
    [Theory]
    [InlineData("single_arm")]
    [InlineData("nav")]
    [InlineData("quadcopter")]
    public void EveryChoice_HasAWayOfItsOwn(string task)
    {
        using var environment = Simulator.Open(task);
        environment.Reset(5);
        var meant = environment.ExpertAction();

        var ways = Enumerable.Range(0, environment.Choices).Select(environment.ActionFor).ToList();

        Assert.InRange(environment.Choices, 3, 10);
        Assert.Equal(ways.Count, ways.Select(w => string.Join(' ', w)).Distinct().Count());
        // To ask changes nothing.
        Assert.Equal(meant, environment.ExpertAction());
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void RenderedEpisode_ConformsToItsProfile(string task)
    {
        using var environment = Simulator.Open(task, render: true);
        var profile = environment.Profile;
        var observation = environment.Reset(11);
        if (environment.TakesGoalImages)
            Assert.Equal(DType.UInt8, Assert.Single(environment.Task(byGoalImage: true).GoalImages).Value.DType);
        if (environment.TakesInstructions)
            Assert.Contains(environment.Task().Instruction, environment.Instructions);
        while (!environment.IsOver)
        {
            profile.Check(observation);
            foreach (var camera in profile.Cameras)
            {
                var image = observation.Arrays[camera.Key];
                Assert.Equal([camera.Height, camera.Width, 3], image.Shape);
                Assert.True(image.AsSpan<byte>().ToArray().Distinct().Count() > 20, $"{camera.Key} shows next to nothing.");
            }

            foreach (var input in profile.Proprioception)
                Assert.All(observation.Arrays[input.Key].AsSpan<float>().ToArray(), v => Assert.True(float.IsFinite(v)));
            observation = environment.Step(environment.ExpertAction());
        }

        Assert.True(environment.Succeeded);
        Assert.InRange(environment.Return, 0, environment.Steps);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Appearance_FollowsFromSeedAndVariation(string task)
    {
        using var first = Simulator.Open(task, render: true);
        using var second = Simulator.Open(task, render: true);
        Picture(second, 4);

        Assert.Equal(Picture(first, 5), Picture(second, 5));
        Assert.NotEqual(Picture(first, 5), Picture(first, 6));
        // What is unseen may stand out of the picture now and then; the quadruped walks faster instead.
        if (task != "quadruped")
            Assert.Contains(Enumerable.Range(0, 5), seed => !Picture(first, seed).SequenceEqual(Picture(first, seed, SceneVariation.Unseen)));

        static byte[] Picture(SimulatedEnvironment environment, int seed, SceneVariation variation = SceneVariation.Standard)
        {
            environment.Reset(seed, variation);
            return environment.Picture(96, 96).AsSpan<byte>().ToArray();
        }
    }

    // Whatever else changes.
    [Theory]
    [MemberData(nameof(TasksWithCameras))]
    public unsafe void LightAndCameras_VaryFromSeedToSeed(string task)
    {
        Simulator.Require();
        using var world = Suite.Create(task);
        var looks = Enumerable.Range(0, 10).Select(seed =>
        {
            world.Begin(new Random(seed), SceneVariation.Standard);
            var model = world.Physics.Model;
            return (Light: model->light_diffuse[0], LightAt: model->light_pos[0], Camera: model->cam_pos[0]);
        }).ToArray();

        Assert.Equal((10, 10, 10), (looks.DistinctBy(l => l.Light).Count(), looks.DistinctBy(l => l.LightAt).Count(), looks.DistinctBy(l => l.Camera).Count()));
        // Centimetres would hide where things are.
        Assert.InRange(looks.Max(l => l.Camera) - looks.Min(l => l.Camera), 1e-6, 0.01);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void GoalImage_LeavesTheEpisodeAsItWas(string task)
    {
        using var environment = Simulator.Open(task, render: true);
        Assert.SkipUnless(environment.TakesGoalImages, $"{task} has no goal images.");

        Assert.Equal(AfterTwoSteps(askForGoal: false), AfterTwoSteps(askForGoal: true));

        string AfterTwoSteps(bool askForGoal)
        {
            environment.Reset(5);
            environment.Step(environment.ExpertAction());
            if (askForGoal)
                environment.Task(byGoalImage: true);
            return State(environment, environment.Step(environment.ExpertAction()));
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Step_RefusesActionsOfAnotherRobot(string task)
    {
        using var environment = Simulator.Open(task);
        environment.Reset(0);

        Assert.Throws<ArgumentException>(() => environment.Step(new float[environment.Profile.Actions.Count + 1]));
        Assert.Throws<ArgumentException>(() => environment.Step([.. Enumerable.Repeat(float.NaN, environment.Profile.Actions.Count)]));
    }

    [Fact]
    public void UnknownTask_IsRefusedWithTheKnownOnes() =>
        Assert.Contains("single_arm", Assert.Throws<ArgumentException>(() => new SimulatedEnvironment("juggling")).Message);

    private static int Successes(SimulatedEnvironment environment, int episodes, Func<SimulatedEnvironment, float[]> policy, SceneVariation variation = SceneVariation.Standard)
    {
        var limits = new ActionLimits(environment.Profile.Actions, environment.Profile.Period);
        return Enumerable.Range(0, episodes).Count(seed =>
        {
            environment.Reset(seed, variation);
            limits.Reset();
            try
            {
                while (!environment.IsOver)
                {
                    var action = policy(environment).ToArray();
                    limits.Apply(action);
                    environment.Step(action);
                }
            }
            catch (PhysicsException)
            {
                return false;
            }

            return environment.Succeeded;
        });
    }

    // Anywhere in an action's range; where it has none, within one rad.
    private static float[] Noise(Random random, EmbodimentProfile profile) =>
        [.. profile.Actions.Select(a => (a.Minimum ?? -1) + ((a.Maximum ?? 1) - (a.Minimum ?? -1)) * random.NextSingle())];

    private static string Run(SimulatedEnvironment environment, int seed, int steps)
    {
        var observation = environment.Reset(seed);
        var random = new Random(seed);
        while (!environment.IsOver && environment.Steps < steps)
        {
            var action = environment.ExpertAction();
            for (var i = 0; i < action.Length; i++)
                action[i] += 0.01f * (random.NextSingle() - 0.5f);
            observation = environment.Step(action);
        }

        return State(environment, observation);
    }

    // The expert's answer stands for what of the state is in no proprioception.
    private static string State(SimulatedEnvironment environment, Observation observation) => string.Join(' ', new[] { environment.Instruction, $"{environment.Return:r}" }
        .Concat(observation.Arrays.OrderBy(a => a.Key).Where(a => a.Value.DType == DType.Float32).SelectMany(a => a.Value.AsSpan<float>().ToArray()).Select(v => $"{v:r}"))
        .Concat(environment.ExpertAction().Select(v => $"{v:r}")));
}
