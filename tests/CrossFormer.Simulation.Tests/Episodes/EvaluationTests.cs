using CrossFormer.Policies;
using CrossFormer.Simulation.Episodes;
using CrossFormer.Simulation.Tasks;

namespace CrossFormer.Simulation.Tests.Episodes;

public sealed class EvaluationTests
{
    private static readonly EvaluationOptions Few = new() { Episodes = 6, Filmed = 0 };

    [Fact]
    public void Results_ComeInTheOrderOfSeedsWhateverTheNumberOfWorkers()
    {
        var (one, three) = (Expert(Few), Expert(Few with { Workers = 3 }));

        Assert.Equal([0, 1, 2, 3, 4, 5], three.Episodes.Select(e => e.Seed));
        Assert.Equal(one.Episodes.Select(e => (e.Seed, e.Steps, e.Return)), three.Episodes.Select(e => (e.Seed, e.Steps, e.Return)));
        Assert.Equal(6, one.Successes);
        Assert.Equal(1, one.Interval.High);
        Assert.InRange(one.MedianSeconds, 1, 20);
    }

    [Fact]
    public void Noise_FollowsFromTheSeedsToo()
    {
        Simulator.Require();
        var (one, three) = (Noise(Few), Noise(Few with { Workers = 3 }));
        Assert.Equal(one, three);
        Assert.Equal(6, one.Distinct().Count());

        static double[] Noise(EvaluationOptions options) =>
            [.. Evaluation.Run("quadcopter", e => new NoisePolicy(e), sees: false, options, cancellation: TestContext.Current.CancellationToken).Episodes.Select(e => e.Return)];
    }

    // What a policy is told.
    [Theory]
    [InlineData("single_arm", false, false, true)]
    [InlineData("single_arm", true, true, false)]
    [InlineData("nav", false, true, false)]
    [InlineData("quadruped", true, false, true)]
    public void Task_IsToldAsTheOptionsSay(string task, bool byGoalImage, bool hasGoal, bool hasInstruction)
    {
        Simulator.Require(render: true);
        var told = new List<PolicyTask>();
        Evaluation.Run(
            task, e => new ToldPolicy(e, told), sees: true, new EvaluationOptions { Episodes = 1, Filmed = 0, ByGoalImage = byGoalImage }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((hasGoal, hasInstruction), (told[^1].GoalImages.Count > 0, !string.IsNullOrEmpty(told[^1].Instruction)));
    }

    [Fact]
    public void InstructionThatThePolicyDoesNotKnow_IsFoundBeforeTheFirstStep()
    {
        Simulator.Require(render: true);
        Assert.Throws<ArgumentException>(() => Evaluation.Run(
            "bimanual", e => new ToldPolicy(e, [], refuses: t => t.Instruction == e.Instructions[^1]), sees: true, new EvaluationOptions { Episodes = 1, Filmed = 0 }, progress: _ => Assert.Fail("It began."),
            TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("nav", false)]
    [InlineData("single_arm", true)]
    public void GoalImageThatThePolicyDoesNotTake_IsFoundBeforeTheFirstStep(string task, bool byGoalImage)
    {
        Simulator.Require(render: true);
        Assert.Throws<ArgumentException>(() => Evaluation.Require(
            task, e => new ToldPolicy(e, [], refuses: t => t.GoalImages.Count > 0), sees: true, new EvaluationOptions { ByGoalImage = byGoalImage }));
    }

    [Fact]
    public void ActionsOfAnotherSize_AreFoundBeforeTheFirstStep()
    {
        Simulator.Require(render: true);
        var error = Assert.Throws<ArgumentException>(() => Evaluation.Require("quadruped", e => new CountingPolicy(e.Profile), sees: true, new EvaluationOptions()));
        Assert.Contains("predicts 1 values, 'sim_quadruped' has 12 actions", error.Message);
    }

    [Fact]
    public void UnseenVariation_ReachesTheWorld()
    {
        Simulator.Require();
        var (standard, unseen) = (Walk(SceneVariation.Standard), Walk(SceneVariation.Unseen));
        Assert.True(unseen < standard, $"{unseen} s at unseen speeds, which are higher; {standard} s at those of the demonstrations");

        static double Walk(SceneVariation variation) =>
            Evaluation.Run("quadruped", e => new ExpertPolicy(e), sees: false, Few with { Variation = variation }, cancellation: TestContext.Current.CancellationToken).MedianSeconds;
    }

    [Fact]
    public void Noise_Fails()
    {
        Simulator.Require();
        var noise = Evaluation.Run("quadcopter", e => new NoisePolicy(e, 1), sees: false, Few, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(0, noise.Successes);
        Assert.True(double.IsNaN(noise.MedianSeconds));
    }

    // A quarter of a second late, which is a step, and still there: waypoints say where to go from where the robot is by then.
    [Fact]
    public void Latency_MakesTheExpertSlower()
    {
        var (at, late) = (Expert(Few), Expert(Few with { Latency = new Latency(TimeSpan.FromMilliseconds(250)) }));

        Assert.Equal(6, late.Successes);
        Assert.True(late.MedianSeconds > at.MedianSeconds, $"{late.MedianSeconds} s late, {at.MedianSeconds} s at once");
    }

    [Fact]
    public void Film_ShowsTheFirstEpisodesFromBeginningToEnd()
    {
        Simulator.Require(render: true);
        var evaluation = Expert(Few with { Episodes = 2, Filmed = 1 });
        var film = evaluation.Episodes[0].Film;
        Assert.Equal(TimeSpan.Zero, film[0].Time);
        Assert.Equal(evaluation.Episodes[0].Seconds, film[^1].Time.TotalSeconds, 6);
        Assert.Empty(evaluation.Episodes[1].Film);

        var page = EvaluationReport.Create("evaluation", [("policy", "expert")], [evaluation]).ToHtml();

        Assert.Contains("quadcopter, seed 0: done after", page);
        Assert.Contains("image/jpeg", page);
    }

    private static TaskEvaluation Expert(EvaluationOptions options)
    {
        Simulator.Require();
        return Evaluation.Run("quadcopter", e => new ExpertPolicy(e), sees: false, options, cancellation: TestContext.Current.CancellationToken);
    }

    // Stands still, and remembers what it was told.
    private sealed class ToldPolicy(SimulatedEnvironment environment, List<PolicyTask> told, Predicate<PolicyTask>? refuses = null) : IPolicy
    {
        public EmbodimentProfile Profile => environment.Profile;

        public void Reset(PolicyTask task)
        {
            if (refuses?.Invoke(task) == true)
                throw new ArgumentException($"{task} is unknown.");
            told.Add(task);
        }

        public ActionChunk Predict(Observation observation) => new(environment.HoldAction(), Profile.Actions.Count, observation.Timestamp, Profile.Period);

        public void Dispose()
        {
        }
    }
}
