using CrossFormer.Checkpoints;
using CrossFormer.Configuration;
using CrossFormer.Formats;
using CrossFormer.Text;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Runs;

namespace CrossFormer.Training.Tests.Runs;

public sealed class TrainingRunTests : IDisposable
{
    private readonly SmallRobot _robot = new();

    [Fact]
    public void Run_WritesACheckpointThatActs()
    {
        using var run = new TrainingRun(_robot.Configuration("run"));
        var outcome = run.Finish();
        Assert.True(outcome.IsFinished);
        Assert.Equal(6, outcome.Steps);
        Assert.True(double.IsFinite(outcome.Loss));

        using var text = EmbeddingTable.Load(_robot.In("texts.safetensors"));
        using var model = CrossFormerModel.LoadPretrained(outcome.Checkpoint, textEncoder: text);
        Assert.Equal(6, model.Step);
        Assert.Equal(2, model.WindowSize);
        Assert.Equal(["small_robot"], model.Statistics.Datasets.Keys);
        Assert.Equal(run.Model.Module.Parameters["heads_arm/mean_proj/kernel"].Value.ToString(), model.Module.Parameters["heads_arm/mean_proj/kernel"].Value.ToString());
    }

    [Fact]
    public void Checkpoints_AreRotated_TheBestStays()
    {
        using (var run = new TrainingRun(_robot.Configuration("run", "steps=12", "validation.interval=2")))
            run.Finish();
        var folder = new RunFolder(_robot.In("run"), new CheckpointConfiguration { Keep = 2 });
        var newest = new[] { 10, 12 };
        var best = RunLog.Read(folder.LogPath).Where(l => l.Validation is not null).OrderBy(l => l.Validation!.Average(v => v.Loss)).First().Step;
        Assert.Equal(newest.Append(best).Distinct().Order(), folder.Steps);
        Assert.Equal(best, folder.Best);
        Assert.Equal(folder.Steps, OrbaxDirectory.Open(_robot.In("run")).Steps.Order());
        // Nothing else may lie there: the reference lists every folder as a step.
        Assert.All(Directory.GetDirectories(_robot.In("run")), d => Assert.True(int.TryParse(Path.GetFileName(d), out _), d));
    }

    [Fact]
    public void ResumedRun_EndsWithTheUninterruptedRunsParameters()
    {
        var whole = Parameters("whole", r => r.Finish());
        using (var stop = new CancellationTokenSource())
        {
            using var first = new TrainingRun(_robot.Configuration("parts"));
            var outcome = first.Run(p => { if (p.Step == 3) stop.Cancel(); }, stop.Token);
            Assert.False(outcome.IsFinished);
            Assert.Equal(3, outcome.Steps);
        }

        using (var second = new TrainingRun(_robot.Configuration("parts"), resume: true))
        {
            Assert.Equal(3, second.Step);
            second.Finish();
        }

        AssertEqual(whole, Stored("parts", 6));
    }

    [Fact]
    public void MovedRun_GoesOnToTheSameParameters()
    {
        var whole = Parameters("whole", r => r.Finish());
        using (var first = new TrainingRun(_robot.Configuration("parts", "steps=3")))
            first.Finish();

        // Run, dataset, description and instructions lie elsewhere now, under other names of folders.
        var elsewhere = Directory.CreateTempSubdirectory("crossformer-moved-");
        try
        {
            foreach (var (folder, name) in new[] { ("parts", "moved"), ("small_robot", Path.Combine("data", "small_robot")) })
            {
                Directory.CreateDirectory(Path.Combine(elsewhere.FullName, Path.GetDirectoryName(name)!));
                Directory.Move(_robot.In(folder), Path.Combine(elsewhere.FullName, name));
            }

            foreach (var file in new[] { "train.jsonc", "small_robot.jsonc", "texts.safetensors" })
                File.Move(_robot.In(file), Path.Combine(elsewhere.FullName, file));
            var moved = ConfigurationFile.Read(
                Path.Combine(elsewhere.FullName, "train.jsonc"), [$"folder={Path.Combine(elsewhere.FullName, "moved")}", $"data.folder={Path.Combine(elsewhere.FullName, "data")}"]);
            using var second = new TrainingRun(moved, resume: true);
            Assert.Equal(3, second.Step);
            AssertEqual(whole, Stored(second.Finish().Checkpoint, 6));
        }
        finally
        {
            elsewhere.Delete(recursive: true);
        }
    }

    [Fact]
    public void Accumulation_ResumesBetweenItsMicroSteps()
    {
        string[] accumulate = ["optimizer.grad_accumulation_steps=2", "checkpoints.interval=3"];
        using (var run = new TrainingRun(_robot.Configuration("whole", accumulate)))
            run.Finish();
        using (var run = new TrainingRun(_robot.Configuration("parts", [.. accumulate, "steps=3"])))
            run.Finish();
        using (var run = new TrainingRun(_robot.Configuration("parts", accumulate), resume: true))
            run.Finish();
        AssertEqual(Stored("whole", 6), Stored("parts", 6));
    }

    [Fact]
    public void Averages_AreWhatIsSavedAndValidated_AndResumeToTheBit()
    {
        string[] average = ["optimizer.ema_decay=0.5", "validation.interval=6"];
        using (var run = new TrainingRun(_robot.Configuration("plain", "validation.interval=6")))
            run.Finish();
        TrainingOutcome outcome;
        using (var run = new TrainingRun(_robot.Configuration("whole", average)))
            outcome = run.Finish();
        using (var run = new TrainingRun(_robot.Configuration("parts", [.. average, "steps=3"])))
            run.Finish();
        using (var run = new TrainingRun(_robot.Configuration("parts", average), resume: true))
            run.Finish();
        AssertEqual(Stored("whole", 6), Stored("parts", 6));
        AssertEqual(Training("whole"), Training("parts"));

        // The training itself takes no notice of the average.
        var plain = Stored("plain", 6);
        Assert.NotEqual(plain["heads_arm/mean_proj/kernel"], Stored("whole", 6)["heads_arm/mean_proj/kernel"]);
        Assert.Equal(plain["heads_arm/mean_proj/kernel"], Training("whole")["value/heads_arm/mean_proj/kernel"]);

        // Another run that begins with the averages, and learns nothing, has the validation loss that they had.
        using var still = new TrainingRun(_robot.Configuration("still", "model=null", $"finetune.pretrained={outcome.Checkpoint}", "finetune.head=arm", "steps=1", "optimizer.learning_rate=0", "validation.interval=1"), pretrained: outcome.Checkpoint);
        Assert.Equal(outcome.Validation.Select(v => v.Loss), still.Finish().Validation.Select(v => v.Loss));

        Dictionary<string, byte[]> Training(string name) =>
            Safetensors.Open(_robot.In(name, "6", "training", "optimizer.safetensors")).Arrays.ToDictionary(a => a.Key, a => a.Value.Read().Bytes.ToArray());
    }

    [Fact]
    public void SameSeed_SameParameters_OtherSeed_Others()
    {
        var first = Parameters("a", r => r.Finish());
        AssertEqual(first, Parameters("b", r => r.Finish()));
        using (var run = new TrainingRun(_robot.Configuration("c", "seed=8")))
            run.Finish();
        Assert.NotEqual(first["heads_arm/mean_proj/kernel"], Stored("c", 6)["heads_arm/mean_proj/kernel"]);
    }

    [Fact]
    public void Log_HasEveryStepOnce_AlsoAfterAResumption()
    {
        using (var stop = new CancellationTokenSource())
        {
            using var first = new TrainingRun(_robot.Configuration("run", "log_interval=1", "checkpoints.interval=2"));
            first.Run(p => { if (p.Step == 5) stop.Cancel(); }, stop.Token);
        }

        // As a kill after step 5 would leave it: the log is ahead of the newest checkpoint.
        Directory.Delete(_robot.In("run", "5"), recursive: true);
        using (var second = new TrainingRun(_robot.Configuration("run", "log_interval=1", "checkpoints.interval=2"), resume: true))
            second.Finish();
        var lines = RunLog.Read(_robot.In("run", "log.jsonl"));
        Assert.Equal([1, 2, 3, 4, 5, 6], lines.Select(l => l.Step));
        Assert.All(lines, l => Assert.True(double.IsFinite(l.Loss) && l.Heads["arm"] > 0 && l.GradientNorm > 0));
        Assert.Equal([3, 6], lines.Where(l => l.Validation is not null).Select(l => l.Step));
        Assert.Equal([ValidationMode.ImageConditioned, ValidationMode.TextConditioned], lines[2].Validation!.Select(v => v.Mode).Order());
    }

    [Fact]
    public void StoppedWhileValidating_TheStepIsSavedAndLogged()
    {
        using var stop = new CancellationTokenSource();
        // Time is asked for at the run's beginning, before and after the first batch, and after the first step, which is validated next.
        using var run = new TrainingRun(_robot.Configuration("run", "validation.interval=1", "log_interval=4"), time: new ClockThatStops(4, stop));
        var outcome = run.Run(stop: stop.Token);
        Assert.Equal(1, outcome.Steps);
        Assert.Empty(outcome.Validation);
        Assert.Equal([1], OrbaxDirectory.Open(_robot.In("run")).Steps);
        var line = Assert.Single(RunLog.Read(_robot.In("run", "log.jsonl")));
        Assert.Equal(1, line.Step);
        Assert.Null(line.Validation);
    }

    [Fact]
    public void SecondRun_DoesNotOverwriteTheFirst()
    {
        using (var run = new TrainingRun(_robot.Configuration("run")))
            run.Finish();
        Assert.Contains("--resume", Assert.Throws<ConfigurationException>(() => new TrainingRun(_robot.Configuration("run"))).Message);
        var changed = Assert.Throws<ConfigurationException>(() => new TrainingRun(_robot.Configuration("run", "optimizer.weight_decay=0.5"), resume: true));
        Assert.Equal("$.optimizer.weight_decay", changed.Path);
    }

    [Fact]
    public void ResumedWhenItIsOver_SaysTheSame()
    {
        using (var run = new TrainingRun(_robot.Configuration("run", "log_interval=1")))
            Assert.Equal(6, run.Finish().Steps);
        using var again = new TrainingRun(_robot.Configuration("run", "log_interval=1"), resume: true);
        Assert.Equal(RunLog.Read(_robot.In("run", "log.jsonl"))[^1].Loss, again.Finish().Loss);
    }

    [Fact]
    public void ResumeWithNothingThere_BeginsAtTheBeginning()
    {
        using var run = new TrainingRun(_robot.Configuration("run"), resume: true);
        Assert.Equal(0, run.Step);
        Assert.True(run.Finish().IsFinished);
    }

    [Fact]
    public void OneBatchOverAndOver_IsLearntByHeart()
    {
        string[] overfit =
        [
            "steps=300", "batch_size=6", "model.token_embedding_size=64", "model.transformer_kwargs.mlp_dim=128", "data.window_size=1", "data.train_split=train[:1]", "data.conditioning=language", "data.images.primary.augmentations=[]",
            "model.transformer_kwargs.dropout_rate=0", "validation.batches=0", "checkpoints.interval=1000", "log_interval=50", "optimizer.learning_rate={\"name\":\"cosine\",\"peak_value\":3e-3,\"warmup_steps\":20}",
        ];
        using var run = new TrainingRun(_robot.Configuration("run", overfit));
        run.Finish();
        var lines = RunLog.Read(_robot.In("run", "log.jsonl"));
        Assert.True(lines[0].Loss > 0.2, $"The loss began at {lines[0].Loss}.");
        Assert.True(lines[^1].Loss < 0.03, $"The loss ended at {lines[^1].Loss}.");
    }

    public void Dispose() => _robot.Dispose();

    private Dictionary<string, byte[]> Parameters(string name, Action<TrainingRun> train)
    {
        using (var run = new TrainingRun(_robot.Configuration(name)))
            train(run);
        return Stored(name, 6);
    }

    private Dictionary<string, byte[]> Stored(string name, int step) =>
        OrbaxDirectory.Open(_robot.In(name)).ReadParameters(step).Arrays.ToDictionary(a => a.Key, a => a.Value.Read().Bytes.ToArray());

    private static void AssertEqual(Dictionary<string, byte[]> expected, Dictionary<string, byte[]> actual)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(expected, e => Assert.True(e.Value.AsSpan().SequenceEqual(actual[e.Key]), $"{e.Key} differs."));
    }

    private sealed class ClockThatStops(int question, CancellationTokenSource stop) : TimeProvider
    {
        private int _asked;

        public override long GetTimestamp()
        {
            if (++_asked == question)
                stop.Cancel();
            return base.GetTimestamp();
        }
    }
}
