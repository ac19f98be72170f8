using CrossFormer.Arrays;
using CrossFormer.Text;

namespace CrossFormer.Checkpoints;

/// <summary>What lies beside the parameters and says how to use them.</summary>
/// <param name="Config"><c>config.json</c>, verbatim: nothing in it is lost, known here or not.</param>
/// <param name="DatasetStatistics"><c>dataset_statistics.json</c>, verbatim.</param>
/// <param name="ExampleBatch"><c>example_batch.msgpack</c>: a batch of the shapes that the model was made for.</param>
public sealed record CheckpointDescription(ReadOnlyMemory<byte> Config, ReadOnlyMemory<byte> DatasetStatistics, ArrayTree ExampleBatch)
{
    /// <summary>
    /// <c>instructions.safetensors</c>: the vectors of the instructions that the model was trained with, so that these at least need no
    /// text encoder; null when there are none. Not part of the reference's checkpoints, which ignores the file.
    /// </summary>
    public EmbeddingTable? Instructions { get; init; }
}
