namespace CrossFormer.Data.Rlds;

/// <summary>A split as dataset_info.json tells it.</summary>
/// <param name="Name">Its name, for example <c>train</c>.</param>
/// <param name="Files">Its shards' paths, in order; a file may turn out to be absent.</param>
/// <param name="ShardLengths">How many episodes each shard holds.</param>
public sealed record RldsSplit(string Name, IReadOnlyList<string> Files, IReadOnlyList<int> ShardLengths)
{
    /// <summary>Number of episodes.</summary>
    public int EpisodeCount { get; } = checked(ShardLengths.Sum());
}
