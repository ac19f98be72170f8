namespace CrossFormer.Data.Trajectories;

/// <summary>
/// One named quantity over the steps of a <see cref="Trajectory"/>: <see cref="TrajectoryNumbers"/>,
/// <see cref="TrajectoryTexts"/> or <see cref="TrajectoryImages"/>. Immutable.
/// </summary>
public abstract class TrajectoryColumn
{
    private protected TrajectoryColumn()
    {
    }

    /// <summary>Number of steps.</summary>
    public abstract int Length { get; }

    /// <summary>The steps from <paramref name="first"/> on, without copying.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The steps are not all there.</exception>
    public abstract TrajectoryColumn Slice(int first, int count);

    /// <summary>The steps named, in that order; a step may occur more than once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside 0 to <see cref="Length"/> − 1.</exception>
    public abstract TrajectoryColumn Gather(ReadOnlySpan<int> indices);

    private protected void CheckSlice(int first, int count)
    {
        if (first < 0 || count < 0 || (long)first + count > Length)
            throw new ArgumentOutOfRangeException(nameof(first), $"Steps {first} to {first + (long)count} (excluded) were asked for; there are {Length}.");
    }

    private protected ReadOnlyMemory<byte>[] GatherBytes(IReadOnlyList<ReadOnlyMemory<byte>> values, ReadOnlySpan<int> indices)
    {
        var gathered = new ReadOnlyMemory<byte>[indices.Length];
        for (var i = 0; i < indices.Length; i++)
            gathered[i] = values[CheckIndex(indices[i])];
        return gathered;
    }

    private protected int CheckIndex(int index) => (uint)index < (uint)Length
        ? index
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"There are {Length} steps.");
}
