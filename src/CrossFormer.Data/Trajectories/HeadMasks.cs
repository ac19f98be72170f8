using CrossFormer.Arrays;

namespace CrossFormer.Data.Trajectories;

/// <summary>Which heads learn from a dataset: <c>action_head_masks/HEAD</c>, bool [steps]. Source: data/traj_transforms.py, add_head_action_mask.</summary>
public static class HeadMasks
{
    /// <summary>Adds the masks.</summary>
    /// <param name="trajectory">Its dataset's name decides.</param>
    /// <param name="heads">Dataset names by head. Null: one head <c>action</c> that learns from all.</param>
    public static Trajectory Add(Trajectory trajectory, IReadOnlyDictionary<string, IReadOnlyList<string>>? heads)
    {
        if (heads is null)
            return With(trajectory, "action", true);
        foreach (var (head, datasets) in heads)
            trajectory = With(trajectory, head, datasets.Contains(trajectory.Dataset));
        return trajectory;
    }

    private static Trajectory With(Trajectory trajectory, string head, bool learns)
    {
        var mask = new bool[trajectory.Length];
        Array.Fill(mask, learns);
        return trajectory.With(TrajectoryNames.HeadMasks + head, NdArray.From(mask, mask.Length));
    }
}
