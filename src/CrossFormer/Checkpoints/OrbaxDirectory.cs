using System.Globalization;
using CrossFormer.Arrays;
using CrossFormer.Formats;
using CrossFormer.Text;

namespace CrossFormer.Checkpoints;

/// <summary>
/// A checkpoint directory as the reference writes it: <c>config.json</c>, <c>dataset_statistics.json</c>,
/// <c>example_batch.msgpack</c>, and a folder per training step (<c>300000/default/checkpoint</c>) in any of orbax's forms; or
/// the same with a <c>model.safetensors</c> in place of the steps. Parameters stay on disk until they are asked for.
/// Source: orbax 0.4 pytree_checkpoint_handler.py; crossformer/model/crossformer_model.py, save_pretrained.
/// </summary>
public sealed class OrbaxDirectory
{
    internal const string ConfigName = "config.json";
    internal const string StatisticsName = "dataset_statistics.json";
    internal const string ExampleBatchName = "example_batch.msgpack";
    internal const string InstructionsName = "instructions.safetensors";
    internal const string ItemName = "default";
    internal const string TreeName = "checkpoint";
    internal const string SafetensorsName = "model.safetensors";
    internal const string StepKey = "step";
    private const string SafetensorsEnding = ".safetensors";
    private const string Placeholder = "PLACEHOLDER://";

    private readonly OrderedDictionary<int, string> _items;
    private readonly string? _safetensors;

    private OrbaxDirectory(string root, OrderedDictionary<int, string> items, string? safetensors) =>
        (Root, _items, _safetensors) = (root, items, safetensors);

    /// <summary>The root folder, where <c>config.json</c> is.</summary>
    public string Root { get; }

    /// <summary>Steps that are complete, ascending. Empty when there are none, or when the parameters are in a safetensors file.</summary>
    public IReadOnlyList<int> Steps => _items.Keys;

    /// <summary>Whether there is a safetensors file, which is read when there are no steps.</summary>
    internal bool HasSafetensors => _safetensors is not null;

    /// <summary>Opens a checkpoint: its root folder, one of its step folders, or a safetensors file.</summary>
    /// <param name="path">The folder or file.</param>
    /// <exception cref="DirectoryNotFoundException">There is nothing at <paramref name="path"/>.</exception>
    public static OrbaxDirectory Open(string path)
    {
        if (Hub.CheckpointLocation.IsRemote(path))
            throw new DirectoryNotFoundException($"Expected a checkpoint folder or a {SafetensorsEnding} file, got the address {path}: CheckpointLocation.ResolveAsync downloads it and gives its folder.");
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (File.Exists(path) && path.EndsWith(SafetensorsEnding))
            return new OrbaxDirectory(Path.GetDirectoryName(path)!, [], path);
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException($"Expected a checkpoint folder or a {SafetensorsEnding} file at {path}, found {(File.Exists(path) ? "another file" : "nothing")}.");
        if (Path.GetFileName(path) == ItemName && File.Exists(Path.Combine(path, TreeName)))
            path = Path.GetDirectoryName(path)!;
        if (ItemOf(path) is { } item && Path.GetDirectoryName(path) is { } parent)
            return new OrbaxDirectory(parent, new() { [StepOf(path) ?? 0] = item }, null);

        var items = Directory.EnumerateDirectories(path)
            .Select(folder => (Step: StepOf(folder), Item: ItemOf(folder)))
            .Where(s => s is { Step: not null, Item: not null })
            .OrderBy(s => s.Step)
            .DistinctBy(s => s.Step)
            .Select(s => KeyValuePair.Create(s.Step!.Value, s.Item!));
        return new OrbaxDirectory(path, new(items), FindSafetensors(path));
    }

    /// <summary>Opens the parameters of a step, the newest by default. Reads names, types and shapes only.</summary>
    /// <param name="step">The step; null for the newest.</param>
    /// <exception cref="FileNotFoundException">There is no such step; the message lists those that exist.</exception>
    /// <exception cref="CorruptFileException">A file is malformed.</exception>
    public CheckpointParameters ReadParameters(int? step = null)
    {
        if (_items.Count == 0 && _safetensors is not null)
            return ReadSafetensors(_safetensors, step);
        if (_items.Count == 0)
            throw new FileNotFoundException($"Expected a step folder such as {Path.Combine(Root, "300000", ItemName, TreeName)} or a {SafetensorsName}, found neither.");
        var wanted = step ?? _items.GetAt(_items.Count - 1).Key;
        return _items.TryGetValue(wanted, out var item)
            ? ReadItem(wanted, item)
            : throw new FileNotFoundException($"{Root} has no step {wanted}; it has {string.Join(", ", _items.Keys)}.");
    }

    /// <summary>The bytes of <c>config.json</c>, verbatim.</summary>
    /// <exception cref="FileNotFoundException">The checkpoint has none.</exception>
    public byte[] ReadConfig() => File.ReadAllBytes(Sidecar(ConfigName));

    /// <summary>The bytes of <c>dataset_statistics.json</c>, verbatim.</summary>
    /// <exception cref="FileNotFoundException">The checkpoint has none.</exception>
    public byte[] ReadDatasetStatistics() => File.ReadAllBytes(Sidecar(StatisticsName));

    /// <summary>Opens <c>example_batch.msgpack</c>; every input's shape is there.</summary>
    /// <exception cref="FileNotFoundException">The checkpoint has none.</exception>
    /// <exception cref="CorruptFileException">The file is malformed.</exception>
    public ArrayTree ReadExampleBatch() => MsgPack.Open(Sidecar(ExampleBatchName));

    /// <summary>The vectors of the instructions that the model was trained with; null when the checkpoint does not carry them.</summary>
    /// <exception cref="CorruptFileException">The file is malformed.</exception>
    public EmbeddingTable? ReadInstructions()
    {
        var path = Path.Combine(Root, InstructionsName);
        return File.Exists(path) ? EmbeddingTable.Load(path) : null;
    }

    /// <summary>All that lies beside the parameters.</summary>
    /// <exception cref="FileNotFoundException">A part is missing.</exception>
    /// <exception cref="CorruptFileException">The example batch or the table of instructions is malformed.</exception>
    public CheckpointDescription ReadDescription() => new(ReadConfig(), ReadDatasetStatistics(), ReadExampleBatch()) { Instructions = ReadInstructions() };

    private string Sidecar(string name)
    {
        var path = Path.Combine(Root, name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"Expected {name} in the checkpoint's root folder {Root}, found none.", path);
    }

    private static CheckpointParameters ReadSafetensors(string path, int? wanted)
    {
        var file = Safetensors.Open(path);
        int? step = file.Metadata.TryGetValue(StepKey, out var text) && int.TryParse(text, NumberStyles.None, null, out var value) ? value : null;
        return wanted is null || wanted == step
            ? new CheckpointParameters(step, CheckpointForm.Safetensors, file.Arrays)
            : throw new FileNotFoundException($"{path} holds step {step?.ToString() ?? "unknown"}, not {wanted}.");
    }

    // A leaf is an array in the tree itself, or a placeholder for one that is stored beside it.
    private static CheckpointParameters ReadItem(int step, string item)
    {
        var file = Path.Combine(item, TreeName);
        var form = CheckpointForm.Msgpack;
        KeyValueStore? store = null;
        var arrays = new OrderedDictionary<string, StoredArray>();
        foreach (var (path, leaf) in Flatten(file))
        {
            switch (leaf)
            {
                case ArrayTree.Leaf { Array: var array }:
                    arrays.Add(path, array);
                    break;
                case ArrayTree.Text { Value: var text } when text.StartsWith(Placeholder):
                    if (store is null)
                        (store, form) = OpenStore(item);
                    arrays.Add(path, Zarr.Open(store, text[Placeholder.Length..]));
                    break;
                default:
                    // orbax writes nil for a leaf of a type that it does not support: there is nothing to load.
                    if (leaf != ArrayTree.Nil)
                        throw new CorruptFileException(file, 0, $"expected an array or a placeholder at '{path}', found {leaf.GetType().Name}");
                    break;
            }
        }

        return new CheckpointParameters(step, form, arrays);
    }

    private static OrderedDictionary<string, ArrayTree> Flatten(string file)
    {
        try
        {
            return MsgPack.Open(file).Flatten();
        }
        catch (InvalidOperationException e)
        {
            throw new CorruptFileException(file, 0, e.Message, e);
        }
    }

    private static (KeyValueStore, CheckpointForm) OpenStore(string item) =>
        File.Exists(Path.Combine(item, OcdbtStore.ManifestName))
            ? (new OcdbtStore(item), CheckpointForm.Ocdbt)
            : (new FolderStore(item), CheckpointForm.Zarr);

    // Names such as 7.orbax-checkpoint-tmp-1700000000 are writes that were never finished.
    private static int? StepOf(string folder) =>
        int.TryParse(Path.GetFileName(folder), NumberStyles.None, null, out var step) ? step : null;

    // Old orbax versions wrote the tree into the step's folder itself.
    private static string? ItemOf(string step) =>
        new[] { Path.Combine(step, ItemName), step }.FirstOrDefault(folder => File.Exists(Path.Combine(folder, TreeName)));

    private static string? FindSafetensors(string folder)
    {
        var files = Array.FindAll(Directory.GetFiles(folder, "*" + SafetensorsEnding), f => Path.GetFileName(f) != InstructionsName);
        return files.Length == 1 ? files[0] : Array.Find(files, f => Path.GetFileName(f) == SafetensorsName);
    }
}
