using CrossFormer.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Tests.Kernels;

public sealed class FusedGroupNormTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData(1, 112, 112, 64, false, true)]
    [InlineData(2, 7, 7, 2048, true, true)]
    [InlineData(1, 5, 3, 32, true, false)]
    [InlineData(3, 1, 1, 96, false, false)]
    [InlineData(1, 33, 31, 128, true, true)]
    public void Apply_EqualsTorch(int batch, int height, int width, int channels, bool residual, bool relu)
    {
        using var none = no_grad();
        var generator = new Generator(3);
        // An offset as large as the deviation: where a one-pass variance would lose digits.
        var x = randn([batch, height, width, channels], generator: generator) * 2 + 3;
        var r = residual ? randn([batch, height, width, channels], generator: generator) : null;
        var (scale, bias) = (rand(channels, generator: generator) + 0.5, randn(channels, generator: generator));
        var expected = FusedGroupNorm.Plain(x, scale, bias, relu, r);
        var actual = FusedGroupNorm.Apply(x.clone(), scale, bias, relu, r);
        Assert.True((expected - actual).abs().max().ToSingle() <= 2e-5f, $"Differs by {(expected - actual).abs().max().ToSingle()}.");

        var half = x.to(ScalarType.BFloat16);
        var halfExpected = FusedGroupNorm.Plain(half, scale, bias, relu, r?.to(ScalarType.BFloat16)).to(ScalarType.Float32);
        var halfActual = FusedGroupNorm.Apply(half.clone(), scale, bias, relu, r?.to(ScalarType.BFloat16)).to(ScalarType.Float32);
        // One unit in the last place of bfloat16, 2^-8 of the value, where the two round differently.
        var allowed = halfExpected.abs() / 128 + 1e-3;
        Assert.True((halfExpected - halfActual).abs().le(allowed).all().ToBoolean());
    }

    [Fact]
    public void Apply_OnAnotherLayout_TakesThePlainTwin()
    {
        using var none = no_grad();
        var x = randn(1, 4, 64, 4).permute(0, 1, 3, 2);
        Assert.False(FusedGroupNorm.Supports(x));
        var (scale, bias) = (ones(64), zeros(64));
        Assert.Equal(0, (FusedGroupNorm.Plain(x, scale, bias, true) - FusedGroupNorm.Apply(x, scale, bias, true)).abs().max().ToSingle());
    }

    [Fact]
    public void Supports_FollowsTheInstructionSet()
    {
        var x = zeros(1, 2, 2, 64);
        Assert.Equal(Instructions.HasAvx512 || Instructions.HasAvx2, FusedGroupNorm.Supports(x));
        Assert.False(FusedGroupNorm.Supports(x.to(ScalarType.Float64)));
    }

    public void Dispose() => _scope.Dispose();
}
