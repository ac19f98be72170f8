using System.ComponentModel.DataAnnotations;
using CrossFormer.Transformer;

namespace CrossFormer.Training.Configuration;

/// <summary>
/// Low-rank adaptation of the transformer (LoRA, arXiv 2106.09685): its own parameters stay, and beside each chosen kernel a product
/// of two small matrices is trained. Checkpoints hold the merged kernels, so they are like any other.
/// </summary>
public sealed record LoraConfiguration
{
    /// <summary>Rank of the product: 8 adds some 2 % of the transformer's parameters.</summary>
    [Range(1, 4096)]
    public int Rank { get; init; } = 8;

    /// <summary>The product counts alpha / rank times.</summary>
    [Range(0, 1e6)]
    public double Alpha { get; init; } = 16;

    /// <summary>Kernels of every transformer block that are adapted: <c>query</c>, <c>key</c>, <c>value</c>, <c>out</c>, <c>mlp</c>.</summary>
    [MinLength(1)]
    public IReadOnlyList<BlockKernel> Kernels { get; init; } = Enum.GetValues<BlockKernel>();
}
