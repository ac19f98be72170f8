using CrossFormer.Configuration;
using CrossFormer.Data.Frames;
using CrossFormer.Data.Mixtures;
using CrossFormer.Tests.Model;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Losses;
using CrossFormer.Training.Optimizers;
using CrossFormer.Training.Runs;
using CrossFormer.Training.Steps;
using static TorchSharp.torch;

namespace CrossFormer.Training.Tests.Runs;

/// <summary>What a configuration asks for reaches the loader, the step and the evaluation.</summary>
public sealed class TrainingOptionsTests : IDisposable
{
    private const string Proprioception = """
        {"module": "crossformer.model.components.tokenizers", "name": "LowdimObsTokenizer", "kwargs": {"obs_keys": ["proprio_quadruped"]}}
        """;

    private readonly SmallRobot _robot = new();

    [Fact]
    public void Paraphrases_AreSaidInTraining_AndInTrainingOnly()
    {
        var sources = new TrainingSources(WithParaphrases("""{ "go to the spot": ["leave the spot"], "leave the spot": ["go to the spot"] }""", "data.rephrase_prob=1", "data.conditioning=language"));
        var (said, recorded) = (Sentences(sources.Training(8, 0)), Sentences(sources.Validation(8, 0, ordered: false)));
        // Half of the time the other sentence: then an episode of one instruction is told both.
        Assert.Contains(said, e => e.Value.Count > 1);
        Assert.All(recorded, e => Assert.Single(e.Value));

        Dictionary<int, HashSet<string>> Sentences(LoaderOptions options)
        {
            using var loader = new BatchLoader(sources.All, options);
            var byEpisode = new Dictionary<int, HashSet<string>>();
            for (var i = 0; i < 4; i++)
            {
                using var batch = loader.Read(TestContext.Current.CancellationToken)!;
                for (var b = 0; b < batch.Count; b++)
                    (byEpisode.TryGetValue(batch.Origins[b].Episode, out var texts) ? texts : byEpisode[batch.Origins[b].Episode] = []).Add(batch.Texts("task/language_instruction")[b]);
            }

            return byEpisode;
        }
    }

    [Fact]
    public void MoreOfADataset_IsDescribedAndNormalisedAsItIs()
    {
        using var more = new SmallRobot(episodes: 9);
        Directory.Move(more.In("small_robot"), _robot.In("small_robot_driven"));
        var sources = new TrainingSources(_robot.Configuration("run", """data.datasets={"small_robot": 1, "small_robot_driven": 1}""", """data.more_of={"small_robot_driven": "small_robot"}"""));
        Assert.Equal(["small_robot", "small_robot_driven"], sources.Heads["arm"]);
        using var loader = new BatchLoader(sources.All, sources.Training(8, 0));
        Assert.Equal(loader.Statistics["small_robot"].Action.Mean, loader.Statistics["small_robot_driven"].Action.Mean);
        using var own = new BatchLoader(sources.All[1].Source with { Statistics = null }, sources.Training(8, 0));
        Assert.NotEqual(loader.Statistics["small_robot"].Action.Mean, own.Statistics["small_robot_driven"].Action.Mean);
    }

    [Theory]
    [InlineData("""{"small_robot": 1}""", """{"small_robot_driven": "small_robot"}""")]
    [InlineData("""{"small_robot": 1}""", """{"small_robot": "elsewhere"}""")]
    [InlineData("""{"small_robot": 1}""", """{"small_robot": "small_robot"}""")]
    public void MoreOfWhatIsNotInTheMixture_IsRefused(string datasets, string moreOf)
    {
        var problem = Assert.Throws<ConfigurationException>(() => new TrainingSources(_robot.Configuration("run", $"data.datasets={datasets}", $"data.more_of={moreOf}")));
        Assert.StartsWith("$.data.", problem.Path);
    }

    [Theory]
    [InlineData("""{ "go to the spot": ["approach the spot"] }""", "approach the spot")]
    [InlineData("""{ "go elsewhere": ["drive away"] }""", null)]
    public void ParaphraseThatTheTableLacks_IsRefusedBeforeTheFirstStep(string json, string? unknown)
    {
        var configuration = WithParaphrases(json);
        if (unknown is null)
        {
            using var run = new TrainingRun(configuration);
            return;
        }

        var problem = Assert.Throws<ConfigurationException>(() => new TrainingRun(configuration));
        Assert.Equal("$.data.paraphrases", problem.Path);
        Assert.Contains(unknown, problem.Message);
    }

    [Fact]
    public void ParaphrasesWithoutTextEncoder_AreRefused()
    {
        var problem = Assert.Throws<ConfigurationException>(() => new TrainingRun(WithParaphrases("{}", "text_encoder=null")));
        Assert.Equal("$.data.paraphrases", problem.Path);
    }

    [Fact]
    public void ImageOptions_ReachTheLoader()
    {
        var configuration = _robot.Configuration("run", "data.image_dropout_prob=0.3", "data.image_dropout_keep=primary", "data.augmentation_draws=independent");
        var frames = new TrainingSources(configuration).Training(4, 0).Frames;
        Assert.Equal((0.3, "primary", AugmentationDraws.Independent), (frames.ImageDropout, frames.DropoutKeeps, frames.Draws));
    }

    [Fact]
    public void LargestGroup_ChangesNothingButRounding()
    {
        string[] exact = ["model.transformer_kwargs.dropout_rate=0", "validation.batches=0", "steps=2"];
        Assert.Equal(Loss("whole"), Loss("parts", "largest_group=1"), 1e-5);

        double Loss(string name, params string[] overrides)
        {
            using var run = new TrainingRun(_robot.Configuration(name, [.. exact, .. overrides]));
            return run.Finish().Loss;
        }
    }

    [Fact]
    public void RecomputedRun_HasTheSameParametersToTheBit()
    {
        Assert.Equal(Run("kept"), Run("again", "recompute=true"));

        string Run(string name, params string[] overrides)
        {
            using var run = new TrainingRun(_robot.Configuration(name, ["validation.batches=0", "steps=3", .. overrides]));
            run.Finish();
            return string.Concat(run.Model.Module.Parameters.All.Select(p => Convert.ToHexString(p.Stored.Read().Bytes.Span)));
        }
    }

    [Fact]
    public void MemoryLimit_FirstMakesGroupsSmaller_ThenRecomputes_ThenRefuses()
    {
        using var run = new TrainingRun(_robot.Configuration("run", "model.transformer_kwargs.num_layers=4"));
        long Sample(bool recompute) => new ActivationMemory(run.Model.Module, ScalarType.Float32, recompute).OfSample(["obs_primary"], ["arm"], 2);
        var (kept, recomputed) = (Sample(false), Sample(true));
        Assert.True(recomputed < kept);

        const long ample = 8L << 30;
        var always = ample - Plan(ample).ActivationBytes!.Value;
        Assert.Equal(new MemoryPlan(false, 3 * kept), Plan(always + (3 * kept)));
        Assert.Equal(new MemoryPlan(true, kept - 1), Plan(always + kept - 1));
        Assert.Equal(new MemoryPlan(true, recomputed), Plan(always + recomputed));
        Assert.Equal("$.memory_limit_gib", Assert.Throws<ConfigurationException>(() => Plan(always + recomputed - 1)).Path);

        MemoryPlan Plan(long bytes)
        {
            var configuration = _robot.Configuration("run") with { MemoryLimitGib = bytes / (double)(1L << 30) };
            return MemoryPlan.Create(configuration, run.Model.Module, new TrainingSources(configuration), [], ScalarType.Float32);
        }
    }

    [Fact]
    public void MemoryLimit_ComputesFewerSamplesAtOnce()
    {
        using var module = TinyModel.Create();
        var bytes = new ActivationMemory(module, ScalarType.Float32, recompute: false).OfSample(["obs_primary", "obs_bimanual"], ["single_arm"], 2);
        var (observations, tasks, actions, mask) = TinyModel.Batch(0);
        var arm = ones(4, ScalarType.Bool);
        var batch = new TrainingBatch(observations, tasks, actions, mask, new Dictionary<string, Tensor> { ["single_arm"] = arm, ["bimanual"] = arm.logical_not() });
        // Two samples with an image, and two without, of which more fit.
        foreach (var (limit, groups) in new (long?, int)[] { (null, 2), (2 * bytes, 2), (bytes, 3), (1, 4) })
        {
            using var step = new TrainingStep(module, new() { LearningRate = new ConstantSchedule(0, 0) }, new TrainingStepOptions { ActivationBytes = limit });
            Assert.Equal(groups, step.Groups(batch).Count);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AbsentProprioception_ReachesPredictionsUnlessMasked(bool masked)
    {
        File.WriteAllText(_robot.In("small_robot.jsonc"), """{ "name": "small_robot", "head": "arm", "images": { "primary": "top" }, "proprioception": { "quadruped": { "zeros": 3 } }, "normalize_action": [true, true] }""");
        var configuration = _robot.Configuration("run", $"mask_absent_proprioception={(masked ? "true" : "false")}", "data.proprioception=true", $"model.observation_tokenizers.quadruped={Proprioception}");
        using var run = new TrainingRun(configuration);
        var errors = Errors();
        using (no_grad())
            run.Model.Module.Parameters["crossformer_transformer/obs_quadruped_projection/bias"].Value.copy_(arange(16));
        Assert.Equal(masked, errors.SequenceEqual(Errors()));

        double[] Errors() => [.. Evaluation.Run(run.Model, configuration, cancellation: TestContext.Current.CancellationToken).SelectMany(e => e.FirstAction)];
    }

    public void Dispose() => _robot.Dispose();

    private TrainingConfiguration WithParaphrases(string json, params string[] overrides)
    {
        File.WriteAllText(_robot.In("words.json"), json);
        return _robot.Configuration("run", ["data.paraphrases=words.json", .. overrides]);
    }
}
