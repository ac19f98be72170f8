namespace CrossFormer.Checkpoints.Hub;

/// <summary>How much of a checkpoint is needed.</summary>
public enum CheckpointParts
{
    /// <summary>Configuration, statistics and example batch, and the parameters of one step.</summary>
    All,

    /// <summary>Without parameters: enough for a model's spec, and a hundredth of the bytes.</summary>
    Description,
}
