using CrossFormer.Testing;
using CrossFormer.Training.Steps;

namespace CrossFormer.Training.Tests;

/// <summary>Operations are counted from the published model's sizes; here from the kernels that the reference has.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public sealed class OperationCountTests
{
    // What is not counted: FiLM, heads, low-dimensional projections.
    private const double Uncounted = 0.01;

    private readonly IReadOnlyDictionary<string, int[]> _shapes =
        Goldens.Json("model", "full_parameters.json").AsObject().ToDictionary(p => p.Key, p => p.Value!.AsArray().Select(d => (int)d!).ToArray());

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void PaddedSample_IsWhatTheKernelsAsk(int window)
    {
        var expected = window * (Encoders("high", "left", "right", "primary", "nav") + Kernels("BlockTransformer", Tokens())) + Attention(window * Tokens());
        AssertNear(expected, OperationCount.Mixture(1, window).Padded);
    }

    [Fact]
    public void FinetuningStep_IsWhatTheKernelsAsk()
    {
        var tokens = Tokens("obs_primary", "readout_single_arm");
        AssertNear(8 * (Encoders("primary") + Kernels("BlockTransformer", tokens) + Attention(tokens)), OperationCount.Finetune(8));
    }

    // What docs/training-speed.md says of the published mixture.
    [Fact]
    public void GroupedMixture_IsSeveralTimesLess()
    {
        var (padded, grouped, masked) = OperationCount.Mixture(512, 5);
        Assert.InRange(padded / grouped, 3.1, 3.3);
        Assert.InRange(padded / masked, 4.5, 4.7);
    }

    private static void AssertNear(double expected, double counted) => Assert.InRange(counted / (expected / 1e9), 1 - Uncounted, 1);

    // Forward and backward; a root's input, the picture, needs no gradient.
    private double Encoders(params string[] cameras) => cameras.Sum(camera => _shapes
        .Where(p => p.Key.Contains($"observation_tokenizers_{camera}/", StringComparison.Ordinal) && p.Key.EndsWith("/kernel", StringComparison.Ordinal))
        .Sum(p => (p.Key.EndsWith("conv_root/kernel", StringComparison.Ordinal) ? 2 : 3) * 2 * Product(p.Value) * Positions(p.Key)) + Kernels($"obs_{camera}_projection", Tokens($"obs_{camera}")));

    private double Kernels(string part, double tokens) =>
        _shapes.Where(p => p.Key.Contains($"/{part}", StringComparison.Ordinal) && p.Key.EndsWith("/kernel", StringComparison.Ordinal)).Sum(p => 3 * 2 * Product(p.Value) * tokens);

    // Scores and their use: each a product over the model's width for every pair of tokens, in every block.
    private double Attention(double tokens)
    {
        var queries = _shapes.Where(p => p.Key.EndsWith("/query/kernel", StringComparison.Ordinal)).ToArray();
        return queries.Sum(q => 3 * 2 * 2 * tokens * tokens * q.Value[1] * q.Value[2]);
    }

    private double Tokens(params string[] groups) =>
        _shapes.Where(p => p.Key.EndsWith("_pos_embedding", StringComparison.Ordinal) && (groups.Length == 0 || groups.Any(g => p.Key.EndsWith($"/{g}_pos_embedding", StringComparison.Ordinal)))).Sum(p => p.Value[2]);

    // Pixels of a kernel's result: of 224 × 224, root and pooling leave 56 × 56, and each further stage's second convolution halves both sides. FiLM has one row.
    private static double Positions(string path)
    {
        var names = path.Split('/');
        if (names[^2] == "conv_root")
            return 112 * 112;
        if (names.FirstOrDefault(n => n.StartsWith("block", StringComparison.Ordinal)) is not { } block)
            return 1;
        var stage = block[^1] - '1';
        var size = 56 >> stage;
        return stage > 0 && names.Contains("unit1") && names[^2] == "conv1" ? 4 * size * size : size * size;
    }

    private static double Product(int[] shape) => shape.Aggregate(1.0, (p, d) => p * d);
}
