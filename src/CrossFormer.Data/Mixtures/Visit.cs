using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.Mixtures;

/// <summary>A part of an episode in memory, its images still encoded. Immutable and thread-safe.</summary>
/// <param name="Part">Which.</param>
/// <param name="Trajectory">The episode as frames; null when nothing of it is used.</param>
/// <param name="Steps">The frames of this part.</param>
/// <param name="Random">Decides all draws about this episode in this epoch.</param>
internal sealed record Visit(EpisodePart Part, ChunkedTrajectory? Trajectory, int[] Steps, RandomStream Random)
{
    // What the random stream is used for here; the trajectory stage takes the first few numbers.
    private enum Draw : ulong
    {
        Delays = 100, Frames,
    }

    /// <summary>Draws each frame's delay, forked by step.</summary>
    public RandomStream Delays => Random.Fork((ulong)Draw.Delays);

    /// <summary>Draws each frame's changes, forked by step.</summary>
    public RandomStream Frames => Random.Fork((ulong)Draw.Frames);

    /// <summary>About how many bytes it keeps in memory, at least 1.</summary>
    public long Bytes { get; } = Trajectory?.MemoryBytes ?? 1;
}

/// <summary>One frame of a visit.</summary>
internal readonly record struct Frame(Visit Visit, int Step);
