using System.Text.Json;
using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Checkpoints;
using CrossFormer.Configuration;
using CrossFormer.Formats;
using CrossFormer.Parameters;
using CrossFormer.Training.Configuration;
using CrossFormer.Training.Optimizers;

namespace CrossFormer.Training.Runs;

/// <summary>
/// A run's folder, which is a checkpoint that the reference opens: beside the parameters, each step's folder holds what it takes
/// to go on, and both appear at once.
/// <code>
/// config.json, dataset_statistics.json, example_batch.msgpack
/// training.json                      the configuration
/// log.jsonl                          losses by step
/// STEP/default/checkpoint            parameters, or their running averages
/// base_kernels.msgpack               LoRA: the adapted kernels as they stay
/// STEP/training/optimizer.safetensors
/// STEP/training/adapters.safetensors LoRA: the adapters, which STEP/default/checkpoint holds merged
/// STEP/training/state.json           see RunState
/// </code>
/// </summary>
internal sealed class RunFolder
{
    private const string TrainingItem = "training", OptimizerName = "optimizer.safetensors", StateName = "state.json", AdaptersName = "adapters.safetensors";

    // orbax's own name for a write in progress, which it and we pass over: a step that is being deleted takes it too.
    private const string UnfinishedMark = ".orbax-checkpoint-tmp-";

    private readonly CheckpointConfiguration _policy;

    public RunFolder(string root, CheckpointConfiguration policy) => (Root, _policy) = (Path.GetFullPath(root), policy);

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>The file of the log.</summary>
    public string LogPath => Path.Combine(Root, "log.jsonl");

    /// <summary>The page at the end.</summary>
    public string ReportPath => Path.Combine(Root, "report.html");

    private string ConfigurationPath => Path.Combine(Root, "training.json");

    /// <summary>Steps from which the run can go on, ascending.</summary>
    public IReadOnlyList<int> Steps => Directory.Exists(Root)
        ? [.. Directory.EnumerateDirectories(Root).Select(Path.GetFileName).Where(n => int.TryParse(n, out _) && File.Exists(StatePath(int.Parse(n!)))).Select(n => int.Parse(n!)).Order()]
        : [];

    /// <summary>Prepares the folder: a new run wants none, or one without checkpoints; a resumed one wants its own.</summary>
    /// <returns>The step to go on from; null: from the beginning.</returns>
    /// <exception cref="ConfigurationException">The folder holds another run.</exception>
    public int? Prepare(TrainingConfiguration configuration, bool resume)
    {
        Directory.CreateDirectory(Root);
        foreach (var unfinished in Directory.EnumerateDirectories(Root, $"*{UnfinishedMark}*"))
            Directory.Delete(unfinished, recursive: true);
        foreach (var unfinished in Directory.EnumerateFiles(Root, ".*.tmp-*"))
            File.Delete(unfinished);
        var written = ConfigurationFile.Write(configuration);
        // A run that never came to a checkpoint has nothing to be true to.
        var isOwn = resume && File.Exists(ConfigurationPath);
        if (isOwn && Steps.Count > 0)
            CheckSameCourse(ConfigurationFile.Parse(File.ReadAllText(ConfigurationPath), ConfigurationPath), configuration);
        else if (Steps.Count > 0 || !isOwn && File.Exists(Path.Combine(Root, OrbaxDirectory.ConfigName)))
            throw new ConfigurationException("$.folder", $"{Root} holds a run already; go on with --resume, or choose another folder");
        AtomicFile.Write(ConfigurationPath, System.Text.Encoding.UTF8.GetBytes(written));
        return Steps.Count > 0 ? Steps[^1] : null;
    }

    /// <summary>Notes adapted kernels at a run's beginning: what checkpoints hold of them is merged.</summary>
    public void WriteBase(CrossFormerModule module) => AtomicFile.Write(
        BasePath, stream => MsgPack.Write(stream, ArrayTree.Nest(module.Parameters.All.Where(p => p.Adapter is not null).Select(p => KeyValuePair.Create(p.Path, p.StoredBase)))));

    /// <summary>Takes over the parameters of a step; before an optimizer marks them, for they become new tensors.</summary>
    public void RestoreParameters(int step, CrossFormerModule module)
    {
        Merge(module.Parameters, OrbaxDirectory.Open(Root).ReadParameters(step).Arrays);
        if (module.Adapters.All.Count == 0)
            return;
        Merge(module.Adapters, Safetensors.Open(Path.Combine(Root, step.ToString(), TrainingItem, AdaptersName)).Arrays);
        var kernels = MsgPack.Open(BasePath).FlattenArrays();
        foreach (var kernel in module.Parameters.All.Where(p => p.Adapter is not null))
            kernel.Bind(kernels.TryGetValue(kernel.Path, out var stored) ? stored : throw new CorruptFileException(BasePath, 0, $"expected an array {kernel.Path}"));

        void Merge(ParameterSet parameters, IReadOnlyDictionary<string, StoredArray> arrays)
        {
            var report = parameters.Merge(arrays);
            if (!report.IsComplete)
                throw new CheckpointMismatchException(Root, report);
        }
    }

    /// <summary>Takes over the optimizer's state at a step.</summary>
    public void RestoreOptimizer(int step, AdamW optimizer) =>
        optimizer.Restore(Safetensors.Open(Path.Combine(Root, step.ToString(), TrainingItem, OptimizerName)).Arrays);

    /// <summary>Where the run stood at a step.</summary>
    public RunState ReadState(int step)
    {
        var path = StatePath(step);
        try
        {
            return JsonSerializer.Deserialize<RunState>(File.ReadAllBytes(path)) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new CorruptFileException(path, 0, $"no state of a training run ({e.Message})", e);
        }
    }

    /// <summary>Copies all that a checkpoint needs, so that training may go on while it is written.</summary>
    /// <returns>Writes it and deletes what is kept no longer; may run on another thread.</returns>
    public Action Snapshot(CrossFormerModel model, AdamW optimizer, RunState state)
    {
        var moments = optimizer.State.Select(s => Copy(s.Key, s.Value)).ToArray();
        KeyValuePair<string, StoredArray>[] parameters, adapters;
        using (optimizer.UseAverages())
        {
            parameters = [.. model.Module.Parameters.All.Select(p => Copy(p.Path, p.Stored))];
            adapters = [.. model.Module.Adapters.All.Select(p => Copy(p.Path, p.Stored))];
        }

        return () =>
        {
            OrbaxWriter.WriteMsgpack(Root, state.Step, parameters, model.Description, step =>
            {
                step.Add(Path.Combine(TrainingItem, OptimizerName), stream => Safetensors.Write(stream, moments));
                if (adapters.Length > 0)
                    step.Add(Path.Combine(TrainingItem, AdaptersName), stream => Safetensors.Write(stream, adapters));
                step.Add(Path.Combine(TrainingItem, StateName), JsonSerializer.SerializeToUtf8Bytes(state));
            });
            Rotate();
        };

        static KeyValuePair<string, StoredArray> Copy(string name, StoredArray array) => new(name, new MemoryArray(array.Read()));
    }

    /// <summary>The step of least validation loss among those that are there; null when none was validated.</summary>
    public int? Best => Steps.Select(ReadState).Where(s => s.ValidationLoss is { } loss && double.IsFinite(loss)).OrderBy(s => s.ValidationLoss).ThenByDescending(s => s.Step).FirstOrDefault()?.Step;

    private void Rotate()
    {
        var (steps, best) = (Steps, _policy.KeepBest ? Best : null);
        foreach (var step in steps.SkipLast(_policy.Keep).Where(s => s != best && !(_policy.KeepEvery is { } every && s % every == 0)))
        {
            // Renamed first: no reader meets half a step.
            var condemned = Path.Combine(Root, $"{step}{UnfinishedMark}deleted");
            Directory.Move(Path.Combine(Root, step.ToString()), condemned);
            Directory.Delete(condemned, recursive: true);
        }
    }

    // What may change between two parts of a run without changing what it computes; how a batch is cut to fit memory changes its rounding
    // only, and who ran out of memory must be able to go on. Files may have moved with the run.
    private static void CheckSameCourse(TrainingConfiguration before, TrainingConfiguration now)
    {
        if (Difference(Course(before), Course(now), "$") is { } found)
            throw new ConfigurationException(found.Path, $"differs from the run that is to be resumed ({found.Before}): a resumed run goes on as it began; choose another folder for another run");

        static JsonObject Course(TrainingConfiguration c) => JsonSerializer.SerializeToNode(
            c with
            {
                Schema = null,
                Steps = c.Optimizer.LearningRate is { Name: ScheduleKind.Cosine, DecaySteps: null } ? c.Steps : 1,
                Folder = "-",
                LogInterval = 1,
                Validation = new(),
                Checkpoints = new(),
                MemoryLimitGib = null,
                LargestGroup = null,
                Recompute = false,
                Finetune = c.Finetune is { } f ? f with { Pretrained = "-" } : null,
                InitializeEncoders = c.InitializeEncoders is { } e ? e with { Path = Path.GetFileName(e.Path) } : null,
                TextEncoder = c.TextEncoder is { } text ? text with { Path = Path.GetFileName(text.Path) } : null,
                Data = c.Data with
                {
                    Folder = "",
                    Statistics = Path.GetFileName(c.Data.Statistics),
                    Threads = null,
                    DatasetFiles = [.. c.Data.DatasetFiles.Select(f => Path.GetFileName(f)!)],
                    Paraphrases = Path.GetFileName(c.Data.Paraphrases),
                },
            },
            ConfigurationFile.Options)!.AsObject();
    }

    private static (string Path, string Before)? Difference(JsonNode? before, JsonNode? now, string path) =>
        before is JsonObject a && now is JsonObject b ? a.Select(f => f.Key).Union(b.Select(f => f.Key)).Select(name => Difference(a[name], b[name], $"{path}.{name}")).FirstOrDefault(d => d is not null)
        : JsonNode.DeepEquals(before, now) ? null : (path, before?.ToJsonString() ?? "absent");

    private string BasePath => Path.Combine(Root, "base_kernels.msgpack");

    private string StatePath(int step) => Path.Combine(Root, step.ToString(), TrainingItem, StateName);
}
