namespace CrossFormer.Data.Rlds;

/// <summary>Consecutive episodes of one shard.</summary>
/// <param name="File">The shard's path.</param>
/// <param name="First">Number of the first record, counted from 0.</param>
/// <param name="Count">How many records; at least 1.</param>
/// <param name="ShardLength">How many records dataset_info.json says the shard holds.</param>
public readonly record struct RldsShardSlice(string File, int First, int Count, int ShardLength);
