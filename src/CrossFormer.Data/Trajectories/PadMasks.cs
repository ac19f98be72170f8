using CrossFormer.Arrays;

namespace CrossFormer.Data.Trajectories;

/// <summary>
/// Notes which observations and tasks are really there (<c>…/pad_mask_dict/KEY</c>, bool [steps]): images and texts that are
/// not empty, and all numbers, in the reference the zeros of another robot's proprioception included. Source:
/// data/traj_transforms.py, add_pad_mask_dict.
/// </summary>
public static class PadMasks
{
    /// <summary>Adds the masks.</summary>
    /// <param name="trajectory">In standard form.</param>
    /// <param name="absent">Columns of numbers that are not there although they have values; null: none.</param>
    public static Trajectory Add(Trajectory trajectory, IReadOnlyCollection<string>? absent = null)
    {
        foreach (var folder in (ReadOnlySpan<string>)[TrajectoryNames.Observation, TrajectoryNames.Task])
        {
            foreach (var name in trajectory.Names.Where(n => n.StartsWith(folder, StringComparison.Ordinal) && !TrajectoryNames.IsPadMask(n)).ToArray())
                trajectory = trajectory.With(folder + TrajectoryNames.PadMask + name[folder.Length..], NdArray.From(absent?.Contains(name) == true ? new bool[trajectory.Length] : Present(trajectory[name]), trajectory.Length));
        }

        return trajectory;
    }

    private static bool[] Present(TrajectoryColumn column)
    {
        var values = column switch { TrajectoryImages images => images.Encoded, TrajectoryTexts texts => texts.Values, _ => null };
        var present = new bool[column.Length];
        for (var i = 0; i < present.Length; i++)
            present[i] = values is null || !values[i].IsEmpty;
        return present;
    }
}
