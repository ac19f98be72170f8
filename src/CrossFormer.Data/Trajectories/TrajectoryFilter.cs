namespace CrossFormer.Data.Trajectories;

/// <summary>Decides by its episode whether a trajectory is used at all.</summary>
/// <param name="Name">Stands for the rule in the statistics' cache: rules that keep different episodes have different names.</param>
/// <param name="Keep">True to keep it. Sees the episode as it was read, before any transform; called from many threads.</param>
public sealed record TrajectoryFilter(string Name, Func<Trajectory, bool> Keep)
{
    /// <summary>
    /// Keeps the episodes whose text has a given part: <c>/success/</c> in the file's path, for example. An episode of no
    /// steps is not kept. Source: data/utils/data_utils.py, filter_success_droid.
    /// </summary>
    /// <param name="column">A column of texts of the raw episode, such as <c>traj_metadata/episode_metadata/file_path</c>; its first step is looked at.</param>
    /// <param name="part">What it must contain, letter by letter.</param>
    public static TrajectoryFilter Containing(string column, string part) => new(
        $"'{column}' contains '{part}'", episode => episode.Texts(column) is { Length: > 0 } texts && Matches(texts.Text(0), part));

    // The reference matches '.*part.*' against the whole text, and its '.' is no line feed.
    internal static bool Matches(string text, string part) => text.Contains(part, StringComparison.Ordinal) && !text.Contains('\n');
}
