using CrossFormer.Data.TfRecords;
using CrossFormer.Formats;

namespace CrossFormer.Data.Rlds;

/// <summary>
/// One episode: a record of a shard. It holds the record's bytes; columns are decoded from them when asked for.
/// Immutable and thread-safe.
/// </summary>
public sealed class RldsEpisode
{
    private RldsEpisode(Example example, RldsSchema schema, int recordNumber, int stepCount)
    {
        (Record, RecordNumber, StepCount) = (example.Record, recordNumber, stepCount);
        Steps = new RldsColumns(example, schema.Steps, stepCount);
        Metadata = new RldsColumns(example, schema.Metadata, null);
    }

    /// <summary>The record it was read from: file, offset and bytes.</summary>
    public TfRecord Record { get; }

    /// <summary>The record's number in its shard, counted from 0.</summary>
    public int RecordNumber { get; }

    /// <summary>Number of steps; may be 0.</summary>
    public int StepCount { get; }

    /// <summary>The steps' features, named without <c>steps/</c>: <c>observation/image_0</c>, <c>action</c>.</summary>
    public RldsColumns Steps { get; }

    /// <summary>The episode's own features: <c>episode_metadata/file_path</c>.</summary>
    public RldsColumns Metadata { get; }

    /// <summary>
    /// Parses a record. Checks every feature that features.json names, asked for or not: it is there, of the right kind,
    /// and all step features tell the same number of steps. Features that features.json does not name are passed over.
    /// </summary>
    /// <exception cref="CorruptFileException">One of these does not hold.</exception>
    internal static RldsEpisode Parse(in TfRecord record, RldsSchema schema, int recordNumber)
    {
        var example = Example.Parse(record, schema.Names);
        var (steps, witness) = (-1, "");
        foreach (var leaf in schema.Leaves)
        {
            if (leaf.Unreadable is not null)
                continue;
            var counts = (Values: Entries(example, leaf, leaf.Values), First: leaf.IsRagged ? Entries(example, leaf, leaf.RowLengths[0]) : 0);
            for (var i = 1; i < leaf.RowLengths.Length; i++)
                Entries(example, leaf, leaf.RowLengths[i]);
            if (leaf.Shapes >= 0)
                Entries(example, leaf, leaf.Shapes);
            var per = leaf.EntriesPerValue;
            if (per == 0 ? counts.Values != 0 : counts.Values % per != 0)
                throw Corrupt(example, leaf, $"holds {counts.Values} numbers, not a multiple of {per} as {leaf.Feature} demands");
            if (per == 0)
                continue;
            if (!leaf.Feature.PerStep)
            {
                CheckEpisodeFeature(example, leaf, counts.Values / per);
                continue;
            }

            var found = leaf.IsRagged ? counts.First : counts.Values / per;
            if (steps < 0)
                (steps, witness) = (found, leaf.Feature.Key);
            else if (found != steps)
                throw Corrupt(example, leaf, $"tells {found} steps, '{witness}' tells {steps}");
        }

        return new RldsEpisode(example, schema, recordNumber, Math.Max(steps, 0));
    }

    private static int Entries(Example example, RldsSchema.Leaf leaf, int slot)
    {
        var expected = slot == leaf.Values ? leaf.Feature.Stored : ExampleFeatureKind.Int64List;
        var kind = example.Kind(slot);
        return kind == expected ? example.Count(slot) :
            kind == ExampleFeatureKind.Absent ? throw Corrupt(example, leaf, "is named by features.json, but this record lacks it") :
            throw Corrupt(example, leaf, $"is a {kind}, expected a {expected} for {leaf.Feature}");
    }

    private static void CheckEpisodeFeature(Example example, RldsSchema.Leaf leaf, int values)
    {
        var lengths = leaf.Feature.SequenceLengths;
        var fixedLength = lengths.Count == 1 ? lengths[0] : lengths.Count == 0 && leaf.Feature.UnknownDimensions == 0 || leaf.Feature.IsBytes && lengths.Count == 0 ? 1 : -1;
        if (fixedLength >= 0 && values != fixedLength)
            throw Corrupt(example, leaf, $"holds {values} values, expected {fixedLength}");
    }

    private static CorruptFileException Corrupt(Example example, RldsSchema.Leaf leaf, string problem) =>
        new(example.Record.File, example.Record.Offset, $"the record's feature '{leaf.Feature.Key}' {problem}");
}
