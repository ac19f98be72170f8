using CrossFormer.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace CrossFormer.Tests.Model;

public sealed class DropoutTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0.3, 0, true)]
    [InlineData(0, 0.3, true)]
    public void Forward_InTraining_IsRandomExactlyWhenARateSaysSo(double rate, double attentionRate, bool random)
    {
        using var none = no_grad();
        using var module = new CrossFormerModule(TinyModel.Configuration with
        {
            Transformer = TinyModel.Configuration.Transformer with { DropoutRate = rate, AttentionDropoutRate = attentionRate },
        }, TinyModel.Shapes);
        module.Parameters.FillByFormula();
        var (observations, tasks, _, _) = TinyModel.Batch(0);
        Tensor Run(bool train) => module.Transformer.Forward(observations, tasks, train: train)["readout_bimanual"].Tokens;
        Assert.Equal(random, (Run(true) - Run(true)).abs().max().ToSingle() > 1e-3);
        Assert.True((Run(false) - Run(false)).abs().max().ToSingle() == 0);
        Assert.Equal(random, (Run(true) - Run(false)).abs().max().ToSingle() > 1e-3);
    }

    [Fact]
    public void DropoutRates_DefaultToTheReferences()
    {
        var omitted = new TransformerConfiguration { Layers = 1, MlpWidth = 8, Heads = 2 };
        Assert.Equal((0.1, 0.1), (omitted.DropoutRate, omitted.AttentionDropoutRate));
        Assert.All(TransformerConfiguration.Names, n => Assert.Equal(0, TransformerConfiguration.Named(n).Configuration.AttentionDropoutRate));
        Assert.Equal((512, 12, 2048, 8, true), (
            TransformerConfiguration.Named("detr").Embedding, TransformerConfiguration.Named("detr").Configuration.Layers, TransformerConfiguration.Named("detr").Configuration.MlpWidth,
            TransformerConfiguration.Named("detr").Configuration.Heads, TransformerConfiguration.Named("detr").Configuration.RepeatPositionEncoding));
    }

    public void Dispose() => _scope.Dispose();
}
