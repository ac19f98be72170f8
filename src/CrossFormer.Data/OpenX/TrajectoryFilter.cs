using CrossFormer.Data.Trajectories;

namespace CrossFormer.Data.OpenX;

/// <summary>Keeps the episodes whose text has a given part: <c>/success/</c> in the file path, for example.</summary>
/// <param name="Column">A column of texts of the raw episode; its first step is looked at.</param>
/// <param name="Part">What it must contain, letter by letter.</param>
public sealed record TrajectoryFilter(string Column, string Part)
{
    /// <summary>Whether to keep the episode. One of no steps is not kept.</summary>
    /// <exception cref="KeyNotFoundException">The episode lacks the column.</exception>
    public bool Keeps(Trajectory trajectory) => trajectory.Texts(Column) is { Length: > 0 } texts && Matches(texts.Text(0), Part);

    // The reference matches '.*part.*' against the whole text, and its '.' is no line feed.
    internal static bool Matches(string text, string part) => text.Contains(part, StringComparison.Ordinal) && !text.Contains('\n');
}
