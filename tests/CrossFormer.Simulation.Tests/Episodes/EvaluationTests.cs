using CrossFormer.Simulation.Episodes;

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
    public void Noise_FailsInFullLength()
    {
        Simulator.Require();
        var noise = Evaluation.Run("quadcopter", e => new NoisePolicy(e.Profile, 1), sees: false, Few, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(0, noise.Successes);
        Assert.True(double.IsNaN(noise.MedianSeconds));
    }

    // A second late, and still there: waypoints say where to go from where the robot is by then.
    [Fact]
    public void Latency_MakesTheExpertSlower()
    {
        var (at, late) = (Expert(Few), Expert(Few with { Latency = new Latency(TimeSpan.FromMilliseconds(250)) }));

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
}
