// B batch · T window step · C action chunk · A action dim · D language features
using CrossFormer.Arrays;
using CrossFormer.Data.Mixtures;
using CrossFormer.Data.Trajectories;
using CrossFormer.Text;
using CrossFormer.Tokenizers;
using CrossFormer.Training.Losses;
using static TorchSharp.torch;

namespace CrossFormer.Training.Runs;

/// <summary>The loader's arrays as the model's inputs, with instructions encoded (reference: train_utils.py, process_text).</summary>
/// <param name="text">What encodes instructions; null: the model gets no language.</param>
/// <param name="device">Where the tensors live.</param>
/// <param name="isSilent">Whether no instruction is ever told, so that every one is encoded as absent: the encoder need not know them.</param>
internal sealed class BatchTensors(ITextEncoder? text, Device device, bool isSilent = false)
{
    // Beside the inputs, the reference's observations hold counters and masks.
    private static readonly HashSet<string> Bookkeeping = ["timestep", "timestep_pad_mask", "task_completed"];

    private float[]? _absent;

    /// <summary>The encoding of "", which stands for an absent or dropped instruction; zeros where a table does not have it.</summary>
    private float[] Absent => _absent ??= EncodeAbsent();

    /// <summary>Whether the encoder has no vector of "", so that zeros take its place.</summary>
    public bool AbsentIsZero => text is not null && Array.TrueForAll(Absent, v => v == 0);

    /// <summary>Copies a batch to the device. Tensors are in the caller's dispose scope.</summary>
    public TrainingBatch Convert(Batch batch)
    {
        var (observations, observationMasks) = Inputs(batch, TrajectoryNames.Observation);
        var (tasks, taskMasks) = Inputs(batch, TrajectoryNames.Task);
        const string language = TrajectoryNames.Task + TrajectoryNames.Language;
        if (text is not null && batch.TextNames.Contains(language))
            tasks.Add(TrajectoryNames.Language, Encode(batch.Texts(language)));
        else
            taskMasks.Remove(TrajectoryNames.Language);
        return new TrainingBatch(
            new Observations(observations, ToTensor(batch[TrajectoryNames.Observation + "timestep_pad_mask"]), observationMasks),
            new Tasks(tasks, taskMasks),
            ToTensor(batch[TrajectoryNames.Action]),
            ToTensor(batch[TrajectoryNames.ActionPadMask]),
            batch.Names.Where(n => n.StartsWith(TrajectoryNames.HeadMasks, StringComparison.Ordinal))
                .ToDictionary(n => n[TrajectoryNames.HeadMasks.Length..], n => ToTensor(batch[n])));
    }

    /// <summary>The first sample, as a checkpoint's <c>example_batch.msgpack</c> holds it: it alone says which inputs a model has.</summary>
    public ArrayTree Example(Batch batch)
    {
        var arrays = batch.Names.Order(StringComparer.Ordinal).Select(n => KeyValuePair.Create<string, StoredArray>(n, new MemoryArray(First(batch[n])))).ToList();
        const string language = TrajectoryNames.Task + TrajectoryNames.Language;
        if (text is not null && batch.TextNames.Contains(language))
            arrays.Add(new(language, new MemoryArray(NdArray.From(Vector(batch.Texts(language)[0]), 1, text.Dimension))));
        return ArrayTree.Nest(arrays.Where(a => text is not null || a.Key != TrajectoryNames.Task + TrajectoryNames.PadMask + TrajectoryNames.Language));
    }

    /// <summary>The batch with what a way of being told leaves of its task (reference: train_callbacks.py, remove_text and remove_images).</summary>
    public TrainingBatch Conditioned(TrainingBatch batch, Configuration.ValidationMode mode)
    {
        var (values, masks) = (new Dictionary<string, Tensor>(batch.Tasks.Values), new Dictionary<string, Tensor>(batch.Tasks.PadMasks ?? new Dictionary<string, Tensor>()));
        if (mode is Configuration.ValidationMode.ImageConditioned or Configuration.ValidationMode.Unconditioned && values.TryGetValue(TrajectoryNames.Language, out var language_BD))
        {
            values[TrajectoryNames.Language] = tensor(Absent, device: device).unsqueeze(0).expand(language_BD.shape);
            Clear(TrajectoryNames.Language);
        }

        if (mode is Configuration.ValidationMode.TextConditioned or Configuration.ValidationMode.Unconditioned)
        {
            foreach (var key in values.Keys.Where(k => k.Contains("image", StringComparison.Ordinal)).ToArray())
            {
                values[key] = zeros_like(values[key]);
                Clear(key);
            }
        }

        return batch with { Tasks = new Tasks(values, masks) };

        void Clear(string key)
        {
            if (masks.TryGetValue(key, out var mask))
                masks[key] = zeros_like(mask);
        }
    }

    private (Dictionary<string, Tensor> Values, Dictionary<string, Tensor> Masks) Inputs(Batch batch, string folder)
    {
        var (values, masks) = (new Dictionary<string, Tensor>(), new Dictionary<string, Tensor>());
        foreach (var name in batch.Names.Where(n => n.StartsWith(folder, StringComparison.Ordinal)))
        {
            var key = name[folder.Length..];
            if (key.StartsWith(TrajectoryNames.PadMask, StringComparison.Ordinal))
                masks.Add(key[TrajectoryNames.PadMask.Length..], ToTensor(batch[name]));
            else if (!Bookkeeping.Contains(key))
                values.Add(key, ToTensor(batch[name]));
        }

        return (values, masks);
    }

    private Tensor Encode(IReadOnlyList<string> texts)
    {
        var vectors = new float[texts.Count * text!.Dimension];
        for (var i = 0; i < texts.Count; i++)
            Vector(texts[i]).CopyTo(vectors.AsSpan(i * text.Dimension));
        return tensor(vectors, [texts.Count, text.Dimension], device: device);
    }

    private float[] Vector(string instruction) => isSilent || instruction.Length == 0 ? Absent : text!.Encode(instruction);

    private float[] EncodeAbsent()
    {
        try
        {
            return text is null ? [] : text.Encode("");
        }
        catch (UnknownTextException)
        {
            // A table made from a dataset need not have it; a policy takes zeros too.
            return new float[text!.Dimension];
        }
    }

    private Tensor ToTensor(NdArray array)
    {
        var type = array.DType switch { DType.UInt8 => ScalarType.Byte, DType.Bool => ScalarType.Bool, DType.Float32 => ScalarType.Float32, DType.Int32 => ScalarType.Int32, _ => throw new ArgumentException($"{array} is no input of a model.") };
        var here = empty([.. array.Shape.Select(d => (long)d)], type);
        array.Bytes.Span.CopyTo(here.bytes);
        return here.to(device);
    }

    private static NdArray First(NdArray array) => new(array.DType, [1, .. array.Shape[1..]], array.Bytes[..(array.Bytes.Length / array.Shape[0])].ToArray());
}
