namespace CrossFormer.Data.Trajectories;

/// <summary>Names of the columns of a trajectory in standard form, and of a batch's arrays: the reference's nested keys, joined by '/'.</summary>
public static class TrajectoryNames
{
    /// <summary>Below it lie the observations: <c>image_…</c>, <c>depth_…</c>, <c>proprio_…</c>, <c>timestep</c>.</summary>
    public const string Observation = "observation/";

    /// <summary>Below it lies what the robot is asked to do: <c>language_instruction</c>, and a goal's copies of the observations.</summary>
    public const string Task = "task/";

    /// <summary>Below <see cref="Observation"/> and <see cref="Task"/>: per key whether it is really there, bool.</summary>
    public const string PadMask = "pad_mask_dict/";

    /// <summary>The action: float32 [steps, dim], or [steps, chunk, dim] where the dataset comes chunked.</summary>
    public const string Action = "action";

    /// <summary>Per dimension of the action whether the robot has it, bool.</summary>
    public const string ActionPadMask = "action_pad_mask";

    /// <summary>Below it: per head whether the dataset trains it, bool.</summary>
    public const string HeadMasks = "action_head_masks/";

    /// <summary>The instruction, below <see cref="Task"/>.</summary>
    public const string Language = "language_instruction";

    /// <summary>The dataset's name.</summary>
    public const string DatasetName = "dataset_name";

    internal const string Timestep = "timestep";
    internal const string TimestepPadMask = Observation + "timestep_pad_mask";
    internal const string TaskCompleted = Observation + "task_completed";
    internal const string Image = "image_";
    internal const string Depth = "depth_";
    internal const string Proprio = "proprio";

    internal static bool IsProprio(string name) => name.StartsWith(Observation + Proprio, StringComparison.Ordinal);

    internal static bool IsPadMask(string name) =>
        name.StartsWith(Observation + PadMask, StringComparison.Ordinal) || name.StartsWith(Task + PadMask, StringComparison.Ordinal);
}
