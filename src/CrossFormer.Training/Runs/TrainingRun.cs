using CrossFormer.Checkpoints;
using CrossFormer.Configuration;
using CrossFormer.Data.Mixtures;
using CrossFormer.Parameters;
using CrossFormer.Policies;
using CrossFormer.Text;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Steps;
using static TorchSharp.torch;

namespace CrossFormer.Training.Runs;

/// <summary>
/// A training run: pre-training or fine-tuning, from its beginning or from its newest checkpoint (reference: scripts/train.py
/// and finetune.py). What a run computes is a function of its configuration alone: a run that was killed and resumed ends
/// with the same parameters, bit for bit, on the same machine.
/// </summary>
/// <remarks>One run at a time in a process: dropout draws from torch's generator, of which there is one.</remarks>
public sealed class TrainingRun : IDisposable
{
    private static readonly string[] OutOfMemory = ["can't allocate memory", "not enough memory", "out of memory"];

    private readonly TrainingConfiguration _configuration;
    private readonly RunFolder _folder;
    private readonly TrainingSources _sources;
    private readonly ITextEncoder? _text;
    private readonly BatchTensors _tensors;
    private readonly BatchLoader _loader;
    private readonly ModelStart _start;
    private readonly TrainingStep _step;
    private readonly Validator _validator;
    private readonly TimeProvider _time;
    private RunState _state;
    private int _saved;

    /// <summary>Prepares a run: opens the datasets, builds the model, takes over a checkpoint.</summary>
    /// <param name="configuration">The run.</param>
    /// <param name="resume">Whether to go on from the folder's newest checkpoint; from the beginning when it has none yet.</param>
    /// <param name="pretrained">Fine-tuning: the folder of the checkpoint that <c>finetune.pretrained</c> names; not needed to resume.</param>
    /// <param name="encoderWeights">The file that <c>initialize_encoders.path</c> names.</param>
    /// <param name="device">Where to train; the CPU when null.</param>
    /// <param name="time">For the log's speeds and TensorBoard's times; the system's when null.</param>
    /// <param name="cancellation">Stops the reading of whole datasets, which statistics take.</param>
    /// <exception cref="CrossFormer.Configuration.ConfigurationException">Configuration, checkpoint and datasets do not fit together.</exception>
    /// <exception cref="IOException">A file is missing or damaged.</exception>
    public TrainingRun(
        TrainingConfiguration configuration, bool resume = false, string? pretrained = null, string? encoderWeights = null, Device? device = null, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        (_configuration, _time) = (configuration, time ?? TimeProvider.System);
        _folder = new RunFolder(configuration.Folder, configuration.Checkpoints);
        var from = _folder.Prepare(configuration, resume);
        _state = from is { } at ? _folder.ReadState(at) : new RunState(0, null, null);
        _saved = _state.Step;

        // ---- data
        _sources = new TrainingSources(configuration, cancellation);
        _sources.ComputeStatistics(cancellation);
        _text = configuration.TextEncoder?.Create() ?? (from is null ? null : Instructions(_folder.Root)) ?? _sources.OwnTexts(cancellation) ?? (pretrained is null ? null : Instructions(pretrained));
        _sources.CheckParaphrases(_text);
        _tensors = new BatchTensors(_text, device ?? CPU, configuration.Data.Conditioning == Conditioning.Image);
        _validator = new Validator(configuration, _sources, _tensors);
        _validator.Check();
        _loader = new BatchLoader(_sources.All, _sources.Training(configuration.BatchSize, configuration.Seed), _state.Loader);

        // ---- model
        // The first batch decides the model's inputs. It is read by a loader of its own, so that the run's begins with it.
        using var first = new BatchLoader(_sources.All, _sources.Training(1, configuration.Seed) with { Workers = 1, Prefetch = 1 });
        using var example = first.Read(cancellation)!;
        _start = ModelStart.Create(configuration, pretrained, from is null ? null : _folder.Root, _tensors.Example(example), _loader.Statistics, _text, device ?? CPU);
        if (from is { } step)
            _folder.RestoreParameters(step, _start.Model.Module);
        else if (configuration.InitializeEncoders is { } encoders)
            ResNetWeights.Load(_start.Model.Module.Parameters, encoderWeights ?? encoders.Path, encoders.IncludePlain);

        if (from is null && configuration.Finetune?.Lora is not null)
            _folder.WriteBase(_start.Model.Module);

        _sources.CheckHeads(_start.Model.Module.Heads.Keys, configuration.Finetune?.Head);

        // ---- optimizer
        var plan = MemoryPlan.Create(
            configuration, _start.Model.Module, _sources, _start.FrozenKeys, Precisions.Choose(configuration.Precision, _start.Model.Module.Parameters.Device.type, out _).ToScalarType());
        if (plan.Recompute && _start.Model.Module.Parameters.Device.type != TorchSharp.DeviceType.CPU && _start.Model.Module.Configuration.Transformer is not { DropoutRate: 0, AttentionDropoutRate: 0 })
            throw new ConfigurationException(configuration.Recompute == true ? "$.recompute" : "$.memory_limit_gib", "recomputed on a GPU, dropout would draw other numbers the second time; set both dropout rates to 0, or recompute nothing");
        _step = new TrainingStep(
            _start.Model.Module, configuration.Optimizer.ToAdamW(configuration.Steps, _start.FrozenKeys),
            new TrainingStepOptions
            {
                Head = configuration.Finetune?.Head,
                Precision = configuration.Precision,
                MaskAbsentProprioception = configuration.MaskAbsentProprioception,
                LargestGroup = configuration.LargestGroup,
                Recompute = plan.Recompute,
                ActivationBytes = plan.ActivationBytes,
            });
        if (!_step.Optimizer.Trainable.Any())
            throw new ConfigurationException(configuration.Finetune is null ? "$.optimizer.frozen_keys" : "$.finetune.mode", "every parameter is frozen: there is nothing to train");
        if (from is { } stored)
            _folder.RestoreOptimizer(stored, _step.Optimizer);
    }

    /// <summary>Whether a run's folder has a checkpoint to go on from: then neither pre-trained checkpoint nor encoder weights are needed.</summary>
    public static bool HasCheckpoint(TrainingConfiguration configuration) => new RunFolder(configuration.Folder, configuration.Checkpoints).Steps.Count > 0;

    /// <summary>The model that is trained; owned by the run.</summary>
    public CrossFormerModel Model => _start.Model;

    /// <summary>Steps done.</summary>
    public int Step => _state.Step;

    /// <summary>Parameters that are trained, adapters included.</summary>
    public IEnumerable<Parameter> Trainable => _step.Optimizer.Trainable;

    /// <summary>Low-rank adapters; none unless <c>finetune.lora</c> asks for them.</summary>
    public IEnumerable<Parameter> Adapters => _start.Model.Module.Adapters.All;

    /// <summary>Fine-tuning: which parameters were loaded, are new, or were dropped; null in pre-training.</summary>
    public MergeReport? Merge => _start.Merge;

    /// <summary>What the user should know.</summary>
    public IEnumerable<string> Notes => _tensors.AbsentIsZero
        ? ["the text encoder has no vector of \"\", which stands for a dropped instruction: zeros take its place"]
        : [];

    /// <summary>Trains to the last step.</summary>
    /// <param name="progress">Told after every step, on the calling thread.</param>
    /// <param name="stop">When set, the run ends after the current step with a checkpoint.</param>
    /// <exception cref="TrainingStoppedException">
    /// A loss is not finite, data cannot be read, a checkpoint cannot be written, or memory ran out. The last good checkpoint stays.
    /// </exception>
    public TrainingOutcome Run(Action<TrainingProgress>? progress = null, CancellationToken stop = default)
    {
        using var log = new RunLog(_folder.LogPath, _state.Step);
        using var board = new TensorBoardFile(_folder.Root, _state.Step, _time);
        // What a run that is over already ended with.
        var logged = RunLog.Read(_folder.LogPath) is [.., var last] ? last.Loss : double.NaN;
        var writing = Task.CompletedTask;
        var means = new StepMeans();
        var (begin, firstStep, loss, validation) = (_time.GetTimestamp(), _state.Step, logged, (IReadOnlyList<ValidationResult>)[]);
        try
        {
            while (_state.Step < _configuration.Steps && !stop.IsCancellationRequested)
            {
                // ---- data
                var clock = _time.GetTimestamp();
                using var batch = _loader.Read(stop)!;
                means.Waited(_time.GetElapsedTime(clock));

                // ---- step
                TrainingStepResult result;
                using (NewDisposeScope())
                {
                    // Dropout is a function of the run's seed and the step: nothing to save, and nothing else can disturb it.
                    random.manual_seed((long)new Data.Trajectories.RandomStream(_configuration.Seed).Fork((ulong)_state.Step).NextBits());
                    result = _step.Run(_tensors.Convert(batch));
                }

                ThrowUnlessFinite(result);
                _state = new RunState(_state.Step + 1, batch.State, null);
                loss = result.Losses.Total;
                means.Add(result, batch.Count, _time.GetElapsedTime(clock));

                // ---- validation
                var isLast = _state.Step == _configuration.Steps;
                var isValidated = _validator.IsActive && (isLast || _state.Step % _configuration.Validation.Interval == 0);
                if (isValidated && Validate(stop) is { } results)
                {
                    validation = results;
                    _state = _state with { ValidationLoss = results.Average(v => v.Loss) };
                }

                // ---- log
                var isLogged = isLast || isValidated || _state.Step % _configuration.LogInterval == 0;
                var line = means.ToLine(_state.Step, result.Optimizer, _state.ValidationLoss is null ? null : validation);
                progress?.Invoke(new TrainingProgress(
                    _state.Step, _configuration.Steps, result, line.SamplesPerSecond, line.DataShare,
                    _time.GetElapsedTime(begin) / (_state.Step - firstStep) * (_configuration.Steps - _state.Step), isLogged, line.Validation ?? []));
                if (isLogged)
                {
                    log.Write(line);
                    board.Write(_state.Step, line.ToScalars());
                    means = new StepMeans();
                }

                // ---- checkpoint
                if (writing.IsFaulted || isLast || _state.Step % _configuration.Checkpoints.Interval == 0)
                    writing = Save(writing);
            }

            Save(writing).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop while waiting for data: the last whole step counts.
            try
            {
                Save(writing).GetAwaiter().GetResult();
            }
            catch (Exception e)
            {
                throw Stopped(e, Task.CompletedTask);
            }
        }
        catch (Exception e)
        {
            throw Stopped(e, writing);
        }

        var seconds = _time.GetElapsedTime(begin).TotalSeconds;
        return new TrainingOutcome(
            _state.Step, _state.Step >= _configuration.Steps, loss, (_state.Step - firstStep) * _configuration.BatchSize / seconds, _folder.Root, validation, Merge);
    }

    /// <summary>Writes the page of the run: curves of its log, errors and predictions on validation episodes.</summary>
    /// <returns>The page's path; null when nothing was logged yet.</returns>
    public string? WriteReport(CancellationToken cancellation = default)
    {
        const int episodesPerDataset = 1, framesPerDataset = 512; // `evaluate` is for whole splits
        if (!File.Exists(_folder.LogPath) || RunLog.Read(_folder.LogPath) is not { Count: > 0 } log)
            return null;
        var episodes = new List<EvaluatedEpisode>();
        // Who is never told an instruction need not know any.
        var modes = _configuration.Data.Conditioning == Conditioning.Image ? [ValidationMode.ImageConditioned, ValidationMode.Unconditioned] : Enum.GetValues<ValidationMode>();
        using var averages = _step.Optimizer.UseAverages();
        var errors = _validator.IsActive
            ? Evaluation.Run(
                Model, _configuration, _sources, _validator.Datasets, _text, modes, framesPerDataset, episodes.Add, episodesPerDataset, cancellation)
            : [];
        RunReport.Create(_configuration, log, errors, episodes).Save(_folder.ReportPath);
        return _folder.ReportPath;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loader.Dispose();
        _step.Dispose();
        _start.Model.Dispose();
        _text?.Dispose();
    }

    // Null when asked to stop meanwhile: the step counts all the same.
    private IReadOnlyList<ValidationResult>? Validate(CancellationToken stop)
    {
        using var averages = _step.Optimizer.UseAverages();
        try
        {
            return _validator.Run(_step, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private static EmbeddingTable? Instructions(string checkpoint) => OrbaxDirectory.Open(checkpoint).ReadInstructions();

    // One write at a time: the copy of the next waits for the one before, and so does a failure of it.
    private Task Save(Task previous)
    {
        previous.GetAwaiter().GetResult();
        if (_state.Step == _saved)
            return Task.CompletedTask;
        _saved = _state.Step;
        return Task.Run(_folder.Snapshot(_start.Model, _step.Optimizer, _state));
    }

    private void ThrowUnlessFinite(TrainingStepResult result)
    {
        var numbers = result.Losses.Heads.Select(h => ($"the loss of head '{h.Key}'", h.Value.Loss)).Prepend(("the loss", result.Losses.Total))
            .Append(("the gradient's norm", result.Optimizer.GradientNorm)).Append(("the update's norm", result.Optimizer.UpdateNorm));
        foreach (var (name, value) in numbers)
        {
            if (!double.IsFinite(value))
                throw new NotFiniteNumberException($"{name} is {value} at step {_state.Step + 1}. A smaller learning rate, longer warm-up or clip_gradient may help; data.max_action skips episodes with outliers.");
        }
    }

    private TrainingStoppedException Stopped(Exception e, Task writing)
    {
        // A step that broke off may have left half an update behind; between steps everything is whole.
        var isBetweenSteps = e is DataLoadException or UnknownTextException or IOException or UnauthorizedAccessException;
        try
        {
            if (isBetweenSteps)
                writing = Save(writing);
            writing.GetAwaiter().GetResult();
        }
        catch (Exception)
        {
            // The disk is what failed, or memory: the checkpoint before stays, and the first reason is the one to tell.
        }

        var reason = IsOutOfMemory(e) ? $"out of memory ({FirstLine(e)}). memory_limit_gib, largest_group or recompute let the same run do with less." : FirstLine(e);
        return new TrainingStoppedException(reason, _state.Step, _folder.Steps is [.., var newest] ? newest : null, e, recurs: e is NotFiniteNumberException);
    }

    // libtorch says so in words: the CPU's allocator on Linux, on Windows, CUDA's.
    private static bool IsOutOfMemory(Exception e) => e is OutOfMemoryException || OutOfMemory.Any(words => e.Message.Contains(words, StringComparison.OrdinalIgnoreCase));

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0].TrimEnd('.', ' ') + ".";
}
