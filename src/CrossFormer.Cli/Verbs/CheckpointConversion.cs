using System.Diagnostics;
using CrossFormer.Arrays;
using CrossFormer.Checkpoints;

namespace CrossFormer.Cli.Verbs;

/// <summary>Parameters on their way from one form to another. No more than a leaf is in memory at a time.</summary>
/// <param name="source">What is converted.</param>
/// <param name="description">What lies beside it.</param>
/// <param name="target">Root folder of the new checkpoint.</param>
/// <param name="form">Msgpack or safetensors.</param>
internal sealed class CheckpointConversion(CheckpointParameters source, CheckpointDescription description, string target, CheckpointForm form)
{
    private readonly int _step = source.Step ?? 0;

    /// <summary>Refuses when the target holds the step already, belongs to another model, or would hide what is written.</summary>
    /// <exception cref="IOException">One of these; the message says which.</exception>
    public void RefuseToOverwrite()
    {
        if (!Directory.Exists(target))
            return;
        var existing = OrbaxDirectory.Open(target);
        if (form == CheckpointForm.Safetensors && existing.Steps.Count > 0)
            throw new IOException($"{target} holds steps {string.Join(", ", existing.Steps)}, which are read before a safetensors file: choose another folder, or --force.");
        var taken = form == CheckpointForm.Safetensors ? Path.Combine(target, "model.safetensors") : Path.Combine(target, $"{_step}");
        if (Path.Exists(taken))
            throw new IOException($"{taken} exists already: choose another folder, or --force to replace it.");
        if (IsAnotherModels(Path.Combine(target, "config.json")))
            throw new IOException($"{target} holds another model: its config.json differs. Choose another folder, or --force to replace config.json, dataset_statistics.json and example_batch.msgpack.");
    }

    /// <summary>Writes the new form.</summary>
    public void Write(CancellationToken cancellation)
    {
        var arrays = source.Arrays.Select(a => KeyValuePair.Create<string, StoredArray>(
            a.Key,
            new ComputedArray(a.Value.DType, a.Value.Shape, destination =>
            {
                cancellation.ThrowIfCancellationRequested();
                a.Value.ReadInto(destination);
            })));
        if (form == CheckpointForm.Msgpack)
            OrbaxWriter.WriteMsgpack(target, _step, arrays, description);
        else
            OrbaxWriter.WriteSafetensors(target, source.Step, arrays, description);
    }

    /// <summary>Compares what was written with the source, bit for bit.</summary>
    /// <returns>What was written, and how long reading it took.</returns>
    /// <exception cref="IOException">They differ: the disk or the memory is not to be trusted.</exception>
    public (CheckpointParameters Written, TimeSpan Reading) ReadBack(CancellationToken cancellation)
    {
        var written = OrbaxDirectory.Open(form == CheckpointForm.Safetensors ? Path.Combine(target, "model.safetensors") : target)
            .ReadParameters(form == CheckpointForm.Safetensors ? source.Step : _step);
        var differing = source.Arrays.Keys.Except(written.Arrays.Keys).Concat(written.Arrays.Keys.Except(source.Arrays.Keys)).FirstOrDefault();
        var largest = source.Arrays.Values.Select(a => a.ByteCount).DefaultIfEmpty().Max();
        var (expected, found, reading) = (new byte[largest], new byte[largest], new Stopwatch());
        foreach (var (path, array) in source.Arrays)
        {
            cancellation.ThrowIfCancellationRequested();
            if (differing is not null || array.ToString() != written.Arrays[path].ToString())
                throw new IOException($"{target}: leaf '{differing ?? path}' is not there as it was written. Check the disk, then convert again.");
            var length = (int)array.ByteCount;
            reading.Start();
            written.Arrays[path].ReadInto(found.AsSpan(0, length));
            reading.Stop();
            array.ReadInto(expected.AsSpan(0, length));
            if (!expected.AsSpan(0, length).SequenceEqual(found.AsSpan(0, length)))
                throw new IOException($"{target}: leaf '{path}' does not read back as it was written. Check the disk, then convert again.");
        }

        return (written, reading.Elapsed);
    }

    // The same config.json, byte for byte, or none.
    private bool IsAnotherModels(string config) => File.Exists(config) && !File.ReadAllBytes(config).AsSpan().SequenceEqual(description.Config.Span);
}
