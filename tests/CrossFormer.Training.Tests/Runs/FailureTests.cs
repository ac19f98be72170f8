using CrossFormer.Checkpoints;
using CrossFormer.Training.Runs;

namespace CrossFormer.Training.Tests.Runs;

/// <summary>What goes wrong ends a run with the reason, and leaves the last good checkpoint.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly SmallRobot _robot = new();

    [Fact]
    public void InfiniteLoss_StopsBeforeItIsSaved()
    {
        using var run = new TrainingRun(_robot.Configuration("run", "steps=200", "optimizer.learning_rate=1000", "optimizer.weight_decay=1000", "optimizer.clip_gradient=null", "checkpoints.interval=1", "validation.batches=0"));
        var stopped = Assert.Throws<TrainingStoppedException>(() => run.Finish());
        Assert.Contains("learning rate", stopped.Message);
        // To go on would come to the same: the message advises what is possible.
        Assert.Contains("finetune.pretrained", stopped.Message);
        Assert.Equal(stopped.Step, stopped.Checkpoint);
        Assert.Equal(stopped.Checkpoint, OrbaxDirectory.Open(_robot.In("run")).Steps[^1]);
        Assert.Equal(stopped.Step, run.Step);
        Assert.All(OrbaxDirectory.Open(_robot.In("run")).ReadParameters().Arrays.Values, a => Assert.All(a.Read().ToSingles(), v => Assert.True(float.IsFinite(v))));
    }

    [Fact]
    public void DatasetThatVanishes_StopsWithACheckpointOfTheLastWholeStep()
    {
        using var run = new TrainingRun(_robot.Configuration("run", "steps=100000", "checkpoints.interval=100000", "validation.batches=0", "data.shuffle_memory_mib=1"));
        var stopped = Assert.Throws<TrainingStoppedException>(() => run.Run(p =>
        {
            if (p.Step == 3)
            {
                foreach (var shard in Directory.GetFiles(_robot.In("small_robot"), "*.tfrecord*", SearchOption.AllDirectories))
                    File.Delete(shard);
            }
        }, TestContext.Current.CancellationToken));
        Assert.Contains("small_robot", stopped.Message);
        Assert.True(stopped.Step >= 3);
        Assert.Equal(stopped.Step, stopped.Checkpoint);
        Assert.Equal(stopped.Step, OrbaxDirectory.Open(_robot.In("run")).Steps[^1]);
    }

    [Fact]
    public void CheckpointThatCannotBeWritten_StopsAndKeepsTheLastOne()
    {
        using var run = new TrainingRun(_robot.Configuration("run", "steps=40", "checkpoints.interval=2", "validation.batches=0"));
        var folder = _robot.In("run");
        var stopped = Assert.Throws<TrainingStoppedException>(() => run.Run(p =>
        {
            // A file where the step's folder should be: the write fails as it does on a full disk, with an IOException.
            if (p.Step == 5)
                File.WriteAllText(Path.Combine(folder, "6"), "");
        }, TestContext.Current.CancellationToken));
        Assert.Equal(4, stopped.Checkpoint);
        Assert.Contains("--resume", stopped.Message);
        Assert.Empty(Directory.GetDirectories(folder, "*tmp*"));
    }

    [Fact]
    public void NothingToValidateOn_IsSaidBeforeTheFirstStep()
    {
        var problem = Assert.Throws<CrossFormer.Configuration.ConfigurationException>(() => new TrainingRun(_robot.Configuration("run", "data.validation_split=train[99%:]")));
        Assert.Equal("$.data.validation_split", problem.Path);
        Assert.Contains("validation.batches=0", problem.Message);
        using var run = new TrainingRun(_robot.Configuration("other", "data.validation_split=train[99%:]", "validation.batches=0"));
    }

    // In libtorch's words, on Linux, on Windows and on a GPU.
    [Theory]
    [InlineData("[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 1099511627776 bytes. Error code 12 (Cannot allocate memory)")]
    [InlineData("DefaultCPUAllocator: not enough memory: you tried to allocate 1099511627776 bytes.")]
    [InlineData("CUDA out of memory. Tried to allocate 20.00 MiB")]
    public void OutOfMemory_NamesTheReasonAndTheRemedy(string words)
    {
        using var run = new TrainingRun(_robot.Configuration("run", "steps=5", "checkpoints.interval=1", "validation.batches=0"));
        var stopped = Assert.Throws<TrainingStoppedException>(() => run.Run(p =>
        {
            if (p.Step == 3)
                throw new InvalidOperationException(words);
        }, TestContext.Current.CancellationToken));
        Assert.Contains("out of memory", stopped.Message);
        Assert.Contains("memory_limit_gib", stopped.Message);
        Assert.Equal(2, stopped.Checkpoint);
        // What the message advises is allowed.
        using var smaller = new TrainingRun(
            _robot.Configuration("run", "steps=5", "checkpoints.interval=1", "validation.batches=0", "largest_group=1", "recompute=true", "memory_limit_gib=8"), resume: true);
        Assert.Equal(5, smaller.Finish().Steps);
    }

    [Fact]
    public void AllocationThatFails_IsCalledOutOfMemory()
    {
        // What torch really says, and not what we think it says.
        using var run = new TrainingRun(_robot.Configuration("run", "steps=2", "validation.batches=0"));
        var stopped = Assert.Throws<TrainingStoppedException>(() => run.Run(_ => TorchSharp.torch.empty(1L << 50).Dispose(), TestContext.Current.CancellationToken));
        Assert.Contains("out of memory", stopped.Message);
    }

    [Fact]
    public void DatasetThatNoHeadLearnsFrom_IsSaidBeforeTheFirstStep()
    {
        var problem = Assert.Throws<CrossFormer.Configuration.ConfigurationException>(() => new TrainingRun(_robot.Configuration("run", "data.head_to_dataset={\"leg\": [\"small_robot\"]}")));
        Assert.Equal("$.data.head_to_dataset.leg", problem.Path);
        Assert.Contains("arm", problem.Message);
    }

    [Fact]
    public void ValidationOnWhatIsNotThere_IsSaidBeforeTheFirstStep()
    {
        var problem = Assert.Throws<CrossFormer.Configuration.ConfigurationException>(() => new TrainingRun(_robot.Configuration("run", "validation.datasets=[\"small\"]")));
        Assert.Equal("$.validation.datasets", problem.Path);
        Assert.Contains("small_robot", problem.Message);
    }

    [Fact]
    public void NothingToTrain_IsSaidBeforeTheFirstStep()
    {
        var problem = Assert.Throws<CrossFormer.Configuration.ConfigurationException>(() => new TrainingRun(_robot.Configuration("run", "optimizer.frozen_keys=[\"*\"]")));
        Assert.Equal("$.optimizer.frozen_keys", problem.Path);
    }

    // A job that always says --resume, and its first attempt failed.
    [Fact]
    public void RunThatNeverBegan_MayBeCorrected()
    {
        Assert.ThrowsAny<Exception>(() => new TrainingRun(_robot.Configuration("run", "data.datasets={\"smal_robot\": 1}"), resume: true));
        using var corrected = new TrainingRun(_robot.Configuration("run", "steps=2", "validation.batches=0"), resume: true);
        Assert.True(corrected.Finish().IsFinished);
    }

    [Fact]
    public void InstructionThatTheTableLacks_StopsWithTheInstruction()
    {
        CrossFormer.Text.EmbeddingTable.Build([("another robot's", [1, 0, 0, 0]), ("", [0, 0, 0, 1])]).Save(_robot.In("texts.safetensors"));
        using var run = new TrainingRun(_robot.Configuration("run", "data.conditioning=image", "validation.interval=1"));
        // Told by goal images, no instruction is read, neither in training nor in validation, report or evaluation.
        run.Finish();
        Assert.NotNull(run.WriteReport(TestContext.Current.CancellationToken));
        Assert.NotEmpty(Evaluation.Run(run.Model, _robot.Configuration("run", "data.conditioning=image"), cancellation: TestContext.Current.CancellationToken));

        Assert.Contains("the spot", Assert.ThrowsAny<Exception>(() =>
        {
            using var told = new TrainingRun(_robot.Configuration("told", "data.conditioning=language"));
            told.Finish();
        }).Message);
    }

    [Fact]
    public void StoppedWhileItReadsDatasets_ItEnds()
    {
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        using var other = new SmallRobot(episodes: 7); // without statistics yet
        Assert.ThrowsAny<OperationCanceledException>(() => new TrainingRun(other.Configuration("run"), cancellation: stopped.Token));
    }

    [Fact]
    public void ValidationLossThatIsNoNumber_IsNotTheBest()
    {
        var folder = new RunFolder(_robot.In("run"), new Training.Configuration.CheckpointConfiguration());
        foreach (var (step, loss) in new[] { (2, 0.5), (4, double.NaN), (6, 0.7) })
        {
            Directory.CreateDirectory(_robot.In("run", $"{step}", "training"));
            File.WriteAllText(_robot.In("run", $"{step}", "training", "state.json"), System.Text.Json.JsonSerializer.Serialize(new RunState(step, null, loss)));
        }

        Assert.True(double.IsNaN(folder.ReadState(4).ValidationLoss!.Value));
        Assert.Equal(2, folder.Best);
    }

    public void Dispose() => _robot.Dispose();
}
