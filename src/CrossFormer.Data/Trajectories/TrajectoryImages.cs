namespace CrossFormer.Data.Trajectories;

/// <summary>
/// An encoded image (JPEG or PNG file) per step, colour or depth. No bytes at all stand for an image that is absent:
/// it decodes to a blank one.
/// </summary>
public sealed class TrajectoryImages : TrajectoryColumn
{
    /// <summary>Takes the files over without copying.</summary>
    public TrajectoryImages(IReadOnlyList<ReadOnlyMemory<byte>> encoded) => Encoded = encoded;

    /// <summary>One file per step. They may share the record's memory, so whoever keeps one of them long should copy it.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Encoded { get; }

    /// <inheritdoc/>
    public override int Length => Encoded.Count;

    /// <summary>Absent images, one per step.</summary>
    public static TrajectoryImages Blank(int steps) => new(new ReadOnlyMemory<byte>[steps]);

    /// <inheritdoc/>
    public override TrajectoryColumn Slice(int first, int count)
    {
        CheckSlice(first, count);
        return new TrajectoryImages([.. Encoded.Skip(first).Take(count)]);
    }

    /// <inheritdoc/>
    public override TrajectoryColumn Gather(ReadOnlySpan<int> indices) => new TrajectoryImages(GatherBytes(Encoded, indices));

    /// <inheritdoc/>
    public override string ToString() => $"image[{Length}]";
}
