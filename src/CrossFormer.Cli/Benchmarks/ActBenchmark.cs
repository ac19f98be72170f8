using System.Diagnostics;
using CrossFormer.Arrays;
using CrossFormer.Cli.Acting;
using CrossFormer.Policies;
using CrossFormer.Statistics;
using CrossFormer.Text;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>
/// The control loop of one robot in one precision, in this process: frames and proprioception in robot units in, un-normalised
/// chunk out, batch 1, window filled. A new frame is seen at every step, as on a robot.
/// </summary>
internal static class ActBenchmark
{
    /// <summary>Robots of the published model, by profile name.</summary>
    public static readonly string[] Embodiments = ["single_arm", "bimanual", "nav", "quadruped"];

    private const int Steps = 100;
    private const int Frames = 8;

    /// <summary>Runs the loop and measures it.</summary>
    /// <param name="checkpoint">A checkpoint, or null for formula weights.</param>
    /// <param name="embodiment">Profile name.</param>
    /// <param name="precision">Arithmetic.</param>
    /// <param name="window">History steps.</param>
    public static ActTimes Run(string? checkpoint, string embodiment, Precision precision, int window)
    {
        using var text = new FormulaText(512);
        using var model = PolicySource.Open(checkpoint);
        using var policy = Policy(model, text, embodiment, precision, window);
        var observations = Observations(policy.Profile);
        policy.Reset(Task(policy));
        var start = Stopwatch.GetTimestamp();
        policy.Predict(observations[0]);
        var first = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        for (var i = 1; i < window + 3; i++)
            policy.Predict(observations[i % Frames]);

        var times = new double[Steps];
        for (var i = 0; i < Steps; i++)
        {
            start = Stopwatch.GetTimestamp();
            policy.Predict(observations[i % Frames]);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        return new ActTimes(first, times[Steps / 2], times[Steps * 95 / 100], times[Steps * 99 / 100], ProcessMemory.PeakMib())
        {
            Actions = Normalised(model, policy, observations, window),
            Precision = policy.Precision,
        };
    }

    /// <summary>Milliseconds from the start of this process to the first action.</summary>
    public static double ColdStart(string checkpoint)
    {
        using var text = new FormulaText(512);
        using var model = PolicySource.Open(checkpoint);
        using var policy = Policy(model, text, "single_arm", Precision.Float32, window: 5);
        policy.Reset(Task(policy));
        policy.Predict(Observations(policy.Profile)[0]);
        using var process = Process.GetCurrentProcess();
        return (DateTime.UtcNow - process.StartTime.ToUniversalTime()).TotalMilliseconds;
    }

    private static CrossFormerPolicy Policy(CrossFormerModel model, FormulaText text, string embodiment, Precision precision, int window)
    {
        var profile = EmbodimentProfile.Load(embodiment);
        // Formula weights come with formula statistics, which have none of proprioception.
        var plain = profile with
        {
            Proprioception = [.. profile.Proprioception.Select(p => p with { Normalization = Normalization.None })],
            Statistics = model.Statistics.Datasets.ContainsKey(profile.Statistics) ? profile.Statistics : Fitting(model, profile),
        };
        return new CrossFormerPolicy(model, plain, new PolicyOptions { Precision = precision, Window = window, TextEncoder = text });
    }

    // Any dataset with actions of the head's dimension: the figures do not depend on the numbers.
    private static string Fitting(CrossFormerModel model, EmbodimentProfile profile) =>
        model.Statistics.Datasets.FirstOrDefault(d => d.Value.Action.Dimension == profile.Actions.Count).Key ?? profile.Statistics;

    private static PolicyTask Task(CrossFormerPolicy policy)
    {
        var goals = policy.GoalKeys.ToDictionary(k => k, k => Formula.Image($"bench/goal/{k}", 224, 224, 3));
        return new PolicyTask(policy.Profile.Name == "nav" ? null : "bench", goals);
    }

    private static Observation[] Observations(EmbodimentProfile profile) =>
    [
        .. Enumerable.Range(0, Frames).Select(i => new Observation(
            i * profile.Period,
            profile.Cameras.Select(c => KeyValuePair.Create(c.Key, Formula.Image($"bench/{i}/{c.Key}", c.Height, c.Width, 3)))
                .Concat(profile.Proprioception.Select(p => KeyValuePair.Create(p.Key, Formula.Symmetric($"bench/{i}/{p.Key}", 2, p.Dimension))))
                .ToDictionary())),
    ];

    /// <summary>Chunks of a few full windows in normalised units, to compare precisions.</summary>
    private static float[] Normalised(CrossFormerModel model, CrossFormerPolicy policy, Observation[] observations, int window)
    {
        var normalizer = new Normalizer(policy.Profile.ActionNormalization, model.Statistics[policy.Profile.Statistics].Action);
        var actions = new List<float>();
        policy.Reset(Task(policy));
        for (var i = 0; i < window + Frames; i++)
        {
            var chunk = policy.Predict(observations[i % Frames]).Actions.Span;
            if (i < window)
                continue;
            var model1 = new float[chunk.Length];
            normalizer.Forward(chunk, model1);
            actions.AddRange(model1);
        }

        return [.. actions];
    }

    /// <summary>Vectors made of a text's name, of the size and scale of the Universal Sentence Encoder's.</summary>
    private sealed class FormulaText(int dimension) : ITextEncoder
    {
        public string Name => "formula";

        public int Dimension => dimension;

        public float[] Encode(string text) => Formula.Symmetric($"bench/text/{text}", 0.08, dimension).ToSingles();

        public void Dispose()
        {
        }
    }
}
