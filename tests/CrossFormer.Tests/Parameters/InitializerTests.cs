using CrossFormer.Encoders;
using CrossFormer.Parameters;
using CrossFormer.Tests.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Tests.Parameters;

/// <summary>New parameters are distributed as Flax's: training from scratch starts where the reference starts.</summary>
public sealed class InitializerTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [Fact]
    public void LecunNormal_HasVarianceOneOverFanIn_AndIsCutAtTwoDeviations()
    {
        var w = Initializers.LecunNormal([3, 3, 64, 256], new Generator(1));
        var std = Math.Sqrt(1.0 / (3 * 3 * 64));
        Assert.Equal(std, w.std().ToDouble(), std * 0.01);
        Assert.Equal(0, w.mean().ToDouble(), std * 0.01);
        Assert.InRange(w.abs().max().ToDouble(), 1.9 * std / 0.8796, 2.0001 * std / 0.8796);
    }

    [Fact]
    public void XavierUniform_FillsItsRange()
    {
        var limit = Math.Sqrt(6.0 / (512 + 2048));
        var w = Initializers.XavierUniform([512, 2048], new Generator(1));
        Assert.InRange(w.abs().max().ToDouble(), 0.999 * limit, limit);
        Assert.Equal(limit / Math.Sqrt(3), w.std().ToDouble(), limit * 0.005);
    }

    [Fact]
    public void XavierProjection_CountsHeadsAsOutputs()
    {
        // [in, heads, head dim] is initialised as the matrix [in, heads·head dim], and the output projection as [heads·head dim, out].
        Assert.Equal(Math.Sqrt(6.0 / 1024), Initializers.XavierProjection(1)([512, 8, 64], new Generator(1)).abs().max().ToDouble(), 1e-4);
        Assert.Equal(Math.Sqrt(6.0 / 1024), Initializers.XavierProjection(2)([8, 64, 512], new Generator(1)).abs().max().ToDouble(), 1e-4);
    }

    [Fact]
    public void NewModel_StartsWithIdentityUnitsAndIdentityFilm()
    {
        using var module = new CrossFormerModule(TinyModel.Configuration, TinyModel.Shapes, seed: 5);
        const string encoder = "crossformer_transformer/observation_tokenizers_primary/ViTResnet_0";
        Assert.Equal(0, module.Parameters[$"{encoder}/block1/unit1/gn3/scale"].Value.abs().max().ToSingle());
        Assert.Equal(1, module.Parameters[$"{encoder}/block1/unit1/gn1/scale"].Value.min().ToSingle());
        Assert.Equal(0, module.Parameters[$"{encoder}/FilmConditioning_0/Dense_0/kernel"].Value.abs().max().ToSingle());
        Assert.Equal(0.02, module.Parameters["crossformer_transformer/readout_bimanual_pos_embedding"].Value.std().ToDouble(), 0.002);
        Assert.InRange(module.Parameters["crossformer_transformer/BlockTransformer_0/Transformer_0/encoderblock_0/MlpBlock_0/Dense_0/bias"].Value.std().ToDouble(), 5e-7, 2e-6);
    }

    [Fact]
    public void SameSeed_GivesTheSameModel()
    {
        float[] Sample(ulong seed)
        {
            using var module = new CrossFormerModule(TinyModel.Configuration, TinyModel.Shapes, seed);
            return module.Parameters["heads_bimanual/mean_proj/kernel"].Value.data<float>().ToArray();
        }

        Assert.Equal(Sample(3), Sample(3));
        Assert.NotEqual(Sample(3), Sample(4));
    }

    [Theory]
    [InlineData(224, 7, 2, 2, 3)]
    [InlineData(57, 7, 2, 3, 3)]
    [InlineData(112, 3, 2, 0, 1)]
    [InlineData(75, 3, 2, 1, 1)]
    [InlineData(56, 3, 1, 1, 1)]
    [InlineData(56, 1, 2, 0, 0)]
    public void SamePadding_PutsTheOddPixelAtTheEnd(int input, int size, int stride, int before, int after) =>
        Assert.Equal((before, after), Convolution.SamePadding(input, size, stride));

    public void Dispose() => _scope.Dispose();
}
