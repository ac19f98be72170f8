using CrossFormer.Arrays;
using CrossFormer.Formats;

namespace CrossFormer.Checkpoints;

/// <summary>
/// Writes checkpoint directories that the reference opens (one msgpack file per step), and the same as safetensors. Parameters
/// are streamed, so nothing is held in memory twice. A crash at any byte leaves what was there before.
/// </summary>
public static class OrbaxWriter
{
    /// <summary>Writes a step, and what lies beside the steps; a step of that number is replaced.</summary>
    /// <param name="root">The checkpoint's root folder; made when absent.</param>
    /// <param name="step">Training step, at least 0.</param>
    /// <param name="parameters">Flax path joined by '/' and array in Flax's layout.</param>
    /// <param name="description">What lies beside the steps; replaced first, each file atomically.</param>
    /// <param name="addItems">Adds further items to the step's folder, which appears with all of them at once; the reference passes over them. Null: none.</param>
    /// <exception cref="ArgumentException">A path occurs twice, or is both an array and a map of arrays.</exception>
    public static void WriteMsgpack(
        string root, int step, IEnumerable<KeyValuePair<string, StoredArray>> parameters, CheckpointDescription description, Action<AtomicFolder>? addItems = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        // Before anything is touched: a tree that cannot be built is the caller's mistake.
        var tree = ArrayTree.Nest(parameters);
        var (name, file) = (step.ToString(), Path.Combine(OrbaxDirectory.ItemName, OrbaxDirectory.TreeName));
        if (!Directory.Exists(root) && addItems is null)
        {
            AtomicFolder.Write(root, folder =>
            {
                foreach (var (sidecar, write) in Sidecars(description))
                    folder.Add(sidecar, write);
                folder.Add(Path.Combine(name, file), stream => MsgPack.Write(stream, tree));
            });
            return;
        }

        Directory.CreateDirectory(root);
        foreach (var (sidecar, write) in Sidecars(description))
            AtomicFile.Write(Path.Combine(root, sidecar), write);
        // orbax's own name for a write in progress, which it passes over. Any other folder here would stop it from listing the steps.
        var temporary = $"{name}.orbax-checkpoint-tmp-{BitConverter.ToUInt32(Guid.NewGuid().ToByteArray())}";
        AtomicFolder.Write(
            Path.Combine(root, name),
            folder =>
            {
                folder.Add(file, stream => MsgPack.Write(stream, tree));
                addItems?.Invoke(folder);
            },
            temporary);
    }

    /// <summary>Writes <c>model.safetensors</c> under the same parameter names, the step in its metadata, and what lies beside it.</summary>
    /// <param name="root">The checkpoint's root folder; made when absent.</param>
    /// <param name="step">Training step, or null when unknown.</param>
    /// <param name="parameters">Flax path joined by '/' and array in Flax's layout.</param>
    /// <param name="description">What lies beside it; replaced first, each file atomically.</param>
    public static void WriteSafetensors(string root, int? step, IEnumerable<KeyValuePair<string, StoredArray>> parameters, CheckpointDescription description)
    {
        var metadata = new OrderedDictionary<string, string> { ["format"] = "flax" };
        if (step is { } number)
            metadata[OrbaxDirectory.StepKey] = number.ToString();
        IEnumerable<(string Name, Action<Stream> Write)> files =
            [.. Sidecars(description), (OrbaxDirectory.SafetensorsName, stream => Safetensors.Write(stream, parameters, metadata))];
        if (!Directory.Exists(root))
        {
            AtomicFolder.Write(root, folder =>
            {
                foreach (var (name, write) in files)
                    folder.Add(name, write);
            });
            return;
        }

        foreach (var (name, write) in files)
            AtomicFile.Write(Path.Combine(root, name), write);
    }

    private static IEnumerable<(string Name, Action<Stream> Write)> Sidecars(CheckpointDescription description) =>
    [
        (OrbaxDirectory.ConfigName, stream => stream.Write(description.Config.Span)),
        (OrbaxDirectory.StatisticsName, stream => stream.Write(description.DatasetStatistics.Span)),
        (OrbaxDirectory.ExampleBatchName, stream => MsgPack.Write(stream, description.ExampleBatch)),
        .. description.Instructions is { } table ? [(OrbaxDirectory.InstructionsName, (Action<Stream>)table.Write)] : Array.Empty<(string, Action<Stream>)>(),
    ];
}
