// B batch · T window step · C action chunk · A action dim
using System.Text.Json;
using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Checkpoints;
using CrossFormer.Configuration;
using CrossFormer.Layers;
using CrossFormer.Parameters;
using CrossFormer.Statistics;
using CrossFormer.Text;
using CrossFormer.Tokenizers;
using CrossFormer.Tokens;
using static TorchSharp.torch;

namespace CrossFormer;

/// <summary>
/// A model with what a checkpoint says about it: configuration, example batch, dataset statistics (reference:
/// crossformer_model.py, CrossFormerModel). To drive a robot use <see cref="Policies.CrossFormerPolicy"/>, which is much faster.
/// </summary>
public sealed class CrossFormerModel : IDisposable
{
    private const string LanguageKey = LanguageTokenizer.Key;

    private CrossFormerModel(JsonObject config, CheckpointDescription description, StatisticsCollection statistics, ITextEncoder? text, ulong seed, Device? device)
    {
        (Config, Description, Statistics, TextEncoder) = (config, description, statistics, text);
        var shapes = Checkpoints.ExampleBatch.Shapes(description.ExampleBatch);
        Module = new CrossFormerModule(ModelConfiguration.Read(config["model"]), shapes, seed, device);
        WindowSize = Checkpoints.ExampleBatch.WindowSize(description.ExampleBatch);
        if (text is not null && shapes.Tasks.TryGetValue(LanguageKey, out var language) && language[^1] != text.Dimension)
            throw new ArgumentException($"The text encoder '{text.Name}' gives {text.Dimension} numbers, the model was trained on {language[^1]}.", nameof(text));
    }

    /// <summary>The trunk and heads.</summary>
    public CrossFormerModule Module { get; }

    /// <summary>The whole <c>config.json</c>, with fields that concern only training.</summary>
    public JsonObject Config { get; }

    /// <summary>What lies beside the parameters, verbatim.</summary>
    public CheckpointDescription Description { get; }

    /// <summary>Statistics of the datasets that it was trained on.</summary>
    public StatisticsCollection Statistics { get; }

    /// <summary>What turns instructions into vectors: what was given, else the checkpoint's own table; null without either. Not owned.</summary>
    public ITextEncoder? TextEncoder { get; }

    /// <summary>Longest history that it was trained with.</summary>
    public int WindowSize { get; }

    /// <summary>Training step of the loaded parameters; null when they come from elsewhere.</summary>
    public int? Step { get; private init; }

    /// <summary>What the last merge of parameters did.</summary>
    public MergeReport? LastMerge { get; private set; }

    /// <summary>
    /// Opens a checkpoint that the reference or this project wrote. Parameters are read when they are first used.
    /// </summary>
    /// <param name="checkpoint">Root folder, step folder, or safetensors file. <see cref="Checkpoints.Hub.CheckpointLocation"/> makes one of <c>hf://owner/name</c>.</param>
    /// <param name="step">Training step; null: the newest.</param>
    /// <param name="textEncoder">What turns instructions into vectors; must be the one that the model was trained with. Null: the checkpoint's own table, if it has one.</param>
    /// <param name="device">Where it lives; the CPU when null.</param>
    /// <exception cref="FileNotFoundException">A part of the checkpoint is missing.</exception>
    /// <exception cref="Formats.CorruptFileException">A file is malformed.</exception>
    /// <exception cref="ConfigurationException"><c>config.json</c> names an unknown module or a wrong field.</exception>
    /// <exception cref="CheckpointMismatchException">The parameters are not those of the configured model.</exception>
    public static CrossFormerModel LoadPretrained(string checkpoint, int? step = null, ITextEncoder? textEncoder = null, Device? device = null)
    {
        var folder = OrbaxDirectory.Open(checkpoint);
        var parameters = folder.ReadParameters(step);
        var model = Describe(folder, textEncoder, device, parameters.Step);
        var report = model.MergeParameters(parameters.Arrays);
        if (report.Missing.Count == 0 && report.Reshaped.Count == 0)
            return model;
        model.Dispose();
        throw new CheckpointMismatchException(checkpoint, report);
    }

    /// <summary>Takes configuration, shapes and statistics from a folder and parameters from a formula: a model that computes like a trained one and knows nothing.</summary>
    /// <param name="folder">A checkpoint's folder; its parameters, if any, are not read.</param>
    /// <param name="textEncoder">What turns instructions into vectors.</param>
    /// <param name="device">Where it lives; the CPU when null.</param>
    public static CrossFormerModel Untrained(string folder, ITextEncoder? textEncoder = null, Device? device = null)
    {
        var model = Describe(OrbaxDirectory.Open(folder), textEncoder, device, null);
        model.Module.Parameters.FillByFormula();
        return model;
    }

    /// <summary>Makes a new model with freshly initialised parameters.</summary>
    /// <param name="config">As <c>config.json</c>; only <c>model</c> is required, the rest is kept.</param>
    /// <param name="exampleBatch">Decides the inputs' shapes and the window's size.</param>
    /// <param name="statistics">Statistics of the datasets that it will be trained on.</param>
    /// <param name="textEncoder">What turns instructions into vectors.</param>
    /// <param name="seed">Seed of the initialisers.</param>
    /// <param name="device">Where it lives; the CPU when null.</param>
    public static CrossFormerModel FromConfig(
        JsonObject config, ArrayTree exampleBatch, StatisticsCollection statistics, ITextEncoder? textEncoder = null, ulong seed = 0, Device? device = null)
    {
        using var written = new MemoryStream();
        statistics.Write(written);
        var description = new CheckpointDescription(JsonSerializer.SerializeToUtf8Bytes(config), written.ToArray(), exampleBatch) { Instructions = textEncoder as EmbeddingTable };
        return new CrossFormerModel(config, description, statistics, textEncoder, seed, device);
    }

    /// <summary>Takes over every parameter whose name and shape agree (reference: train_utils.merge_params).</summary>
    /// <returns>What was loaded, and what was kept, skipped or missing.</returns>
    public MergeReport MergeParameters(IReadOnlyDictionary<string, StoredArray> parameters) => LastMerge = Module.Parameters.Merge(parameters);

    /// <summary>Makes the model's task inputs of instructions, goal images, or both.</summary>
    /// <param name="texts">One instruction for each sample; needs a text encoder. Null: not conditioned on language.</param>
    /// <param name="goals">By key uint8 [B, H, W, 3]. Null: not conditioned on goals; goal images are black then.</param>
    /// <returns>Task inputs with pad masks; tensors in the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">Neither is given, batches differ, or a shape is not the model's.</exception>
    public Tasks CreateTasks(IReadOnlyList<string>? texts = null, IReadOnlyDictionary<string, Tensor>? goals = null)
    {
        if (texts is null && goals is not { Count: > 0 })
            throw new ArgumentException("A task needs instructions, goal images, or both; got neither.");
        var batch = texts?.Count ?? goals!.Values.First().shape[0];
        var device = Module.Parameters.Device;
        var (values, masks) = (new Dictionary<string, Tensor>(), new Dictionary<string, Tensor>());
        foreach (var (key, shape) in Module.Shapes.Tasks.Where(t => t.Key != LanguageKey))
        {
            // As in the reference: with any goal given, the others are left to the tokenizers, which take black images for them.
            if (goals is null)
                Add(key, zeros([batch, .. shape.Select(d => (long)d)], Type($"task/{key}"), device), false);
        }

        foreach (var (key, goal) in goals ?? new Dictionary<string, Tensor>())
            Add(key, goal.to(device), true);
        if (Module.Shapes.Tasks.ContainsKey(LanguageKey))
            Add(LanguageKey, Language(texts, batch).to(device), texts is not null);
        else if (texts is not null)
            throw new ArgumentException("This model takes no instructions: its example batch has no language_instruction.", nameof(texts));
        var tasks = new Tasks(values, masks);
        CheckTasks(tasks, batch);
        return tasks;

        void Add(string key, Tensor value, bool given)
        {
            values[key] = value;
            masks[key] = full([batch], Scalars.Of(given), ScalarType.Bool, device);
        }
    }

    /// <summary>Runs the trunk over checked inputs.</summary>
    /// <param name="observations">Of the model's shapes; any subset of its keys, any window up to its longest.</param>
    /// <param name="tasks">Of the model's shapes.</param>
    /// <param name="readouts">Readouts to compute; null: all.</param>
    /// <param name="train">Whether dropout acts.</param>
    /// <returns>Token groups by name; see <see cref="Transformer.CrossFormerTransformer.Forward"/>.</returns>
    /// <exception cref="ArgumentException">A key is unknown or a shape is not the model's; says expected and got.</exception>
    public IReadOnlyDictionary<string, TokenGroup> RunTransformer(Observations observations, Tasks tasks, IReadOnlyCollection<string>? readouts = null, bool train = false) =>
        ComputeTransformer(observations, tasks, readouts, new Computation { Train = train });

    private IReadOnlyDictionary<string, TokenGroup> ComputeTransformer(Observations observations, Tasks tasks, IReadOnlyCollection<string>? readouts, Computation computation)
    {
        Check("Observation", observations.Values, Module.Shapes.Observations, 2);
        CheckTasks(tasks, observations.TimestepMask.shape[0]);
        return Module.Transformer.Compute(observations, tasks, readouts, streams: null, computation);
    }

    /// <summary>Predicts the chunk from the window's last step on.</summary>
    /// <param name="observations">See <see cref="RunTransformer"/>.</param>
    /// <param name="tasks">See <see cref="RunTransformer"/>.</param>
    /// <param name="head">Name of the head.</param>
    /// <param name="unnormalization">Action statistics to bring the chunk to robot units; null: normalised units.</param>
    /// <param name="normalization">How the actions were normalised.</param>
    /// <returns>[B, C, A]; with statistics, A is their dimension.</returns>
    public NdArray SampleActions(
        Observations observations, Tasks tasks, string head, FeatureStatistics? unnormalization = null, Normalization normalization = Normalization.Normal)
    {
        var chunk_BCA = SampleActions(observations, tasks, head, Computation.Plain);
        if (unnormalization is null)
            return chunk_BCA;
        var (batch, horizon, dimension) = (chunk_BCA.Shape[0], chunk_BCA.Shape[1], chunk_BCA.Shape[2]);
        var normalizer = new Normalizer(normalization, unnormalization);
        var robot = new float[batch * horizon * normalizer.Dimension];
        for (var b = 0; b < batch; b++)
        {
            normalizer.Inverse(
                chunk_BCA.AsSpan<float>().Slice(b * horizon * dimension, horizon * dimension), dimension,
                robot.AsSpan(b * horizon * normalizer.Dimension, horizon * normalizer.Dimension));
        }

        return NdArray.From(robot, batch, horizon, normalizer.Dimension);
    }

    /// <summary>The same in normalised units, computed as told.</summary>
    internal NdArray SampleActions(Observations observations, Tasks tasks, string head, Computation computation)
    {
        if (!Module.Heads.TryGetValue(head, out var actionHead))
            throw new ArgumentException($"The model has no head '{head}'; it has {string.Join(", ", Module.Heads.Keys)}.", nameof(head));
        using var none = no_grad();
        using var scope = NewDisposeScope();
        const string prefix = "readout_";
        var key = actionHead.Configuration.ReadoutKey;
        var outputs = ComputeTransformer(observations, tasks, key.StartsWith(prefix, StringComparison.Ordinal) ? [key[prefix.Length..]] : [], computation);
        var chunk_BCA = actionHead.PredictAction(outputs).cpu().contiguous();
        return NdArray.From(chunk_BCA.data<float>().ToArray(), [.. chunk_BCA.shape.Select(d => (int)d)]);
    }

    /// <summary>Writes a checkpoint: msgpack, which the reference loads, or safetensors under the same names. Atomic.</summary>
    /// <param name="folder">Root folder; made when absent.</param>
    /// <param name="step">Training step.</param>
    /// <param name="form">Msgpack or safetensors.</param>
    /// <exception cref="InvalidOperationException">An acting model has released the weights.</exception>
    public void SavePretrained(string folder, int step, CheckpointForm form = CheckpointForm.Msgpack)
    {
        if (Module.Parameters.All.FirstOrDefault(p => p.IsReleased) is { } released)
            throw new InvalidOperationException($"This model cannot be saved: parameter {released.Path} and others were released when a policy was built from it. Load the checkpoint again to save it.");
        var arrays = Module.Parameters.All.Select(p => KeyValuePair.Create(p.Path, p.Stored));
        switch (form)
        {
            case CheckpointForm.Msgpack:
                OrbaxWriter.WriteMsgpack(folder, step, arrays, Description);
                break;
            case CheckpointForm.Safetensors:
                OrbaxWriter.WriteSafetensors(folder, step, arrays, Description);
                break;
            default:
                throw new ArgumentException($"Checkpoints are written as msgpack or safetensors, not as {form}.", nameof(form));
        }
    }

    /// <summary>What the model expects and predicts.</summary>
    public ModelSpec GetSpec()
    {
        var types = Checkpoints.ExampleBatch.Types(Description.ExampleBatch);
        var built = Module.Transformer.ObservationTokenizers.Concat(Module.Transformer.TaskTokenizers).ToDictionary(t => t.Name);
        var tokenizers = Module.Configuration.TaskTokenizers.Select(t => (Group: $"task_{t.Key}", t.Key, t.Value))
            .Concat(Module.Configuration.ObservationTokenizers.Select(t => (Group: $"obs_{t.Key}", t.Key, t.Value)));
        return new ModelSpec(
            Module.Parameters.ElementCount,
            WindowSize,
            Module.Configuration.MaxHorizon,
            Module.Configuration.Heads.ToDictionary(h => h.Key, h => new HeadSpec(h.Value.ActionHorizon, h.Value.ActionDimension, h.Value.ReadoutKey, h.Value.Loss.ToString())),
            Module.Shapes.Observations.ToDictionary(o => o.Key, o => new InputSpec(types[$"observation/{o.Key}"], [null, null, .. o.Value])),
            Module.Shapes.Tasks.ToDictionary(t => t.Key, t => new InputSpec(types[$"task/{t.Key}"], [null, .. t.Value])),
            [.. tokenizers.Select(t => new TokenizerSpec(
                t.Key, t.Value.ToSpec().Name, built.TryGetValue(t.Group, out var stream) ? stream.Tokenizer.Tokens : null, stream?.Tokenizer.ObservationKeys ?? []))],
            [.. Statistics.Datasets.Keys]);
    }

    /// <inheritdoc/>
    public void Dispose() => Module.Dispose();

    private static CrossFormerModel Describe(OrbaxDirectory folder, ITextEncoder? text, Device? device, int? step)
    {
        var description = folder.ReadDescription();
        var file = Path.Combine(folder.Root, OrbaxDirectory.ConfigName);
        var config = ParseConfig(description.Config.Span, file);
        var statistics = StatisticsCollection.Parse(description.DatasetStatistics.Span, Path.Combine(folder.Root, OrbaxDirectory.StatisticsName));
        return new CrossFormerModel(config, description, statistics, text ?? description.Instructions, seed: 0, device) { Step = step };
    }

    /// <summary>Parses a <c>config.json</c>; a field that comes twice is refused, for readers differ on which one counts.</summary>
    internal static JsonObject ParseConfig(ReadOnlySpan<byte> utf8, string file)
    {
        try
        {
            var config = JsonNode.Parse(utf8, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject
                ?? throw new ConfigurationException("$", $"{file}: expected an object");
            DecodeStrings(config);
            return config;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ConfigurationException("$", $"{file} is no JSON: {e.Message}", e);
        }
    }

    // Strings are decoded when they are first read; wrong UTF-8 or half a surrogate pair shall show at once.
    private static void DecodeStrings(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (_, child) in map)
                    DecodeStrings(child);
                break;
            case JsonArray list:
                foreach (var child in list)
                    DecodeStrings(child);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                _ = value.GetValue<string>();
                break;
            default:
                break;
        }
    }

    private Tensor Language(IReadOnlyList<string>? texts, long batch)
    {
        if (TextEncoder is null)
        {
            if (texts is not null)
                throw new ArgumentException("Instructions need a text encoder, and this model was loaded without one.", nameof(texts));
            // The reference drops the key then, and its FiLM encoders fail: a zero vector stands for "no instruction".
            return zeros([batch, .. Module.Shapes.Tasks[LanguageKey].Select(d => (long)d)]);
        }

        var array = TextEncoder.EncodeBatch(texts ?? [.. Enumerable.Repeat("", (int)batch)]);
        return tensor(array.AsSpan<float>().ToArray(), [batch, TextEncoder.Dimension]);
    }

    private ScalarType Type(string path) => Checkpoints.ExampleBatch.Types(Description.ExampleBatch)[path] == DType.UInt8 ? ScalarType.Byte : ScalarType.Float32;

    private void CheckTasks(Tasks tasks, long batch)
    {
        Check("Task", tasks.Values, Module.Shapes.Tasks, 1);
        foreach (var (key, value) in tasks.Values)
        {
            if (value.shape[0] != batch)
                throw new ArgumentException($"Task {key}: expected a batch of {batch}, got {value.shape[0]}.");
        }
    }

    private static void Check(string role, IReadOnlyDictionary<string, Tensor> values, IReadOnlyDictionary<string, int[]> shapes, int leading)
    {
        foreach (var (key, value) in values)
        {
            if (!shapes.TryGetValue(key, out var shape))
                throw new ArgumentException($"{role} {key}: the model has no such input (it was not in the example batch); it has {string.Join(", ", shapes.Keys)}.");
            if (value.dim() != shape.Length + leading || !value.shape[leading..].SequenceEqual(shape.Select(d => (long)d)))
            {
                var free = leading == 2 ? "batch, window" : "batch";
                throw new ArgumentException($"{role} {key}: expected [{free}, {string.Join(", ", shape)}], got [{string.Join(", ", value.shape)}].");
            }
        }
    }
}
