using CrossFormer.Arrays;

namespace CrossFormer.Data.Trajectories;

/// <summary>Zeros behind the last dimension, so that all robots of a mixture fit one array. Source: data/traj_transforms.py, pad_actions_and_proprio.</summary>
public static class DimensionPadding
{
    /// <summary>Pads the action and notes in <c>action_pad_mask</c> (bool, the action's shape) which dimensions are real.</summary>
    /// <param name="trajectory">In standard form.</param>
    /// <param name="dimension">The largest head's; null leaves the action as it is and notes that all of it is real.</param>
    /// <exception cref="ArgumentException">The action has more dimensions.</exception>
    public static Trajectory PadAction(Trajectory trajectory, int? dimension)
    {
        var action = trajectory.Numbers(TrajectoryNames.Action);
        var ones = new byte[action.Count];
        ones.AsSpan().Fill(1);
        var mask = new NdArray(DType.Bool, action.Shape, ones);
        return trajectory
            .With(TrajectoryNames.Action, Pad(action, dimension, trajectory, TrajectoryNames.Action))
            .With(TrajectoryNames.ActionPadMask, Pad(mask, dimension, trajectory, TrajectoryNames.Action));
    }

    /// <summary>Pads proprioceptions.</summary>
    /// <param name="trajectory">In standard form.</param>
    /// <param name="dimensions">By name without <c>proprio_</c>; those not named stay, names that do not occur are passed over.</param>
    /// <exception cref="ArgumentException">A proprioception has more dimensions.</exception>
    public static Trajectory PadProprio(Trajectory trajectory, IReadOnlyDictionary<string, int> dimensions)
    {
        foreach (var (key, dimension) in dimensions)
        {
            var name = $"{TrajectoryNames.Observation}{TrajectoryNames.Proprio}_{key}";
            if (trajectory.Contains(name))
                trajectory = trajectory.With(name, Pad(trajectory.Numbers(name), dimension, trajectory, name));
        }

        return trajectory;
    }

    private static NdArray Pad(NdArray values, int? dimension, Trajectory trajectory, string name)
    {
        var own = values.Shape[^1];
        if (dimension is not { } wanted || wanted == own)
            return values;
        if (own > wanted)
            throw new ArgumentException($"{trajectory.Dataset}: '{name}' has {own} dimensions, more than the {wanted} that all datasets are padded to.");
        var (from, to) = (own * values.DType.Size(), wanted * values.DType.Size());
        var padded = new byte[values.Count / Math.Max(own, 1) * to];
        for (var row = 0; row < padded.Length / to; row++)
            values.Bytes.Span.Slice(row * from, from).CopyTo(padded.AsSpan(row * to));
        return new NdArray(values.DType, [.. values.Shape[..^1], wanted], padded);
    }
}
