namespace CrossFormer.Data.Trajectories;

/// <summary>Decides by its episode whether a trajectory is used at all.</summary>
/// <param name="Name">Stands for the rule in the statistics' cache: rules that keep different episodes have different names.</param>
/// <param name="Keep">True to keep it. Sees the episode as it was read, before any transform; called from many threads.</param>
public sealed record TrajectoryFilter(string Name, Func<Trajectory, bool> Keep)
{
    /// <summary>
    /// Keeps the episodes that DROID marks as successful: <c>/success/</c> in their file's path. Source:
    /// data/utils/data_utils.py, filter_success_droid.
    /// </summary>
    public static TrajectoryFilter DroidSuccess { get; } = new("droid_success", episode =>
    {
        const string path = Trajectory.MetadataPrefix + "episode_metadata/file_path";
        return episode.Length > 0 && episode.Texts(path).Text(0).Contains("/success/", StringComparison.Ordinal);
    });
}
