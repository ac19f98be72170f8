using CrossFormer.Layers;
using CrossFormer.Training.Losses;
using static TorchSharp.torch;

namespace CrossFormer.Training.Steps;

/// <summary>
/// Samples of a batch that contain the same: the same cameras and proprioception, for the same heads. What none of them
/// contains is not computed for them. That is exact: nothing valid attends to masked tokens, and a head's loss reads only its own
/// readout, which no other token reads.
/// </summary>
/// <param name="Samples">Their places in the batch, ascending.</param>
/// <param name="Streams">Observation groups that any of their timesteps contains.</param>
/// <param name="Heads">Heads whose loss they enter.</param>
internal sealed record SampleGroup(long[] Samples, IReadOnlyList<string> Streams, IReadOnlyList<string> Heads)
{
    /// <summary>Splits a batch. Samples that enter no loss are in no group.</summary>
    /// <param name="module">The model.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="head">The only head, over all samples; null: every head over its own.</param>
    /// <param name="largest">Largest group with these streams, for these heads: larger ones are split, which bounds memory and changes nothing else.</param>
    /// <param name="computation">How it will be computed.</param>
    public static IReadOnlyList<SampleGroup> Split(CrossFormerModule module, TrainingBatch batch, string? head, Func<IReadOnlyList<string>, IReadOnlyList<string>, int> largest, Computation computation)
    {
        using var scope = NewDisposeScope();
        var size = batch.Observations.TimestepMask.shape[0];
        var streams = module.Transformer.ObservationTokenizers
            .Where(s => s.Tokenizer.ObservationKeys.Any(batch.Observations.Values.ContainsKey))
            .Select(s => (s.Name, Present: Flags(s.Tokenizer.Presence(batch.Observations, computation).logical_and(batch.Observations.TimestepMask).any(1)))).ToArray();
        var heads = module.Heads.Keys.Where(h => head is null ? batch.HeadMasks.ContainsKey(h) : h == head)
            .Select(h => (Name: h, Owns: head is null ? Flags(batch.HeadMasks[h]) : [.. Enumerable.Repeat(true, (int)size)])).ToArray();
        return
        [
            .. Enumerable.Range(0, (int)size)
                .GroupBy(b => (Streams: Names(streams, b), Heads: Names(heads, b)))
                .Where(g => g.Key.Heads.Length > 0)
                .Select(g => (Samples: g, Streams: Listed(g.Key.Streams), Heads: Listed(g.Key.Heads)))
                .SelectMany(g => g.Samples.Chunk(largest(g.Streams, g.Heads)).Select(c => new SampleGroup([.. c.Select(b => (long)b)], g.Streams, g.Heads))),
        ];

        static bool[] Flags(Tensor mask) => mask.to(ScalarType.Bool).cpu().contiguous().data<bool>().ToArray();
        static string Names((string Name, bool[] Is)[] sets, int sample) => string.Join('|', sets.Where(s => s.Is[sample]).Select(s => s.Name));
        static string[] Listed(string names) => names.Split('|', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The group's part of the batch: the batch itself when it holds all samples.</summary>
    public TrainingBatch Select(TrainingBatch batch)
    {
        if (Samples.Length == batch.Observations.TimestepMask.shape[0])
            return batch;
        var index = tensor(Samples).to(batch.Actions.device);
        Tensor Part(Tensor x) => x.index_select(0, index);
        Dictionary<string, Tensor> Parts(IReadOnlyDictionary<string, Tensor> values) => values.ToDictionary(v => v.Key, v => Part(v.Value));
        return new TrainingBatch(
            batch.Observations with
            {
                Values = Parts(batch.Observations.Values),
                TimestepMask = Part(batch.Observations.TimestepMask),
                PadMasks = batch.Observations.PadMasks is { } seen ? Parts(seen) : null,
            },
            batch.Tasks with { Values = Parts(batch.Tasks.Values), PadMasks = batch.Tasks.PadMasks is { } asked ? Parts(asked) : null },
            Part(batch.Actions), Part(batch.ActionMask), Parts(batch.HeadMasks));
    }
}
