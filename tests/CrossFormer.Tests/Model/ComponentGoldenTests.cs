using CrossFormer.Encoders;
using CrossFormer.Heads;
using CrossFormer.Layers;
using CrossFormer.Parameters;
using CrossFormer.Testing;
using CrossFormer.Tokenizers;
using CrossFormer.Tokens;
using CrossFormer.Transformer;
using TorchSharp;
using static CrossFormer.Tests.ModelGoldens;
using static TorchSharp.torch;

namespace CrossFormer.Tests.Model;

/// <summary>Each module alone equals the reference within 2e-5 of the value range.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public sealed class ComponentGoldenTests : IDisposable
{
    private const double Tolerance = 2e-5;
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ParameterSet _parameters = new();

    public static TheoryData<string> Encoders => [.. EncoderCases.Keys];

    private static Dictionary<string, EncoderConfiguration> EncoderCases { get; } = new()
    {
        ["enc_resnet26_film"] = new ResNetConfiguration { Width = 0.5, Stages = [2, 2, 2, 2], UseFilm = true },
        ["enc_resnet50_odd"] = new ResNetConfiguration { Width = 0.5, Stages = [3, 4] },
        ["enc_resnet_root_only"] = new ResNetConfiguration { Stages = [], UseFilm = true },
        ["enc_small_stem16_film"] = new SmallStemConfiguration { PatchSize = 16, Channels = [32, 32, 64, 64], Features = 96, UseFilm = true },
        ["enc_small_stem32_imagenet"] = new SmallStemConfiguration { PatchSize = 32, Channels = [32, 32, 64, 64], Features = 96, Normalization = ImageNormalization.ImageNet },
        ["enc_patch16_film"] = new PatchEncoderConfiguration { PatchSize = 16, Features = 48, UseFilm = true },
    };

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Encoder_EqualsReference(string name)
    {
        var expected = Goldens.Arrays("model", $"{name}.npz")["out"];
        var configuration = EncoderCases[name];
        var images = name == "enc_resnet50_odd" ? Image("c/odd", 1, 57, 75, 3) : Image("c/image", 2, 64, 64, 6);
        var encoder = configuration.Build(_parameters.Root, new EncoderInput((int)images.shape[1], (int)images.shape[2], (int)images.shape[3], 16));
        AssertDeclares(_parameters, name);
        _parameters.FillByFormula();
        using var none = no_grad();
        var grid_BHWC = encoder.Forward(images, configuration.UseFilm ? Values("c/cond", 0.5, 2, 16) : null, Computation.Plain);
        Assert.Equal((encoder.Features, encoder.Tokens), ((int)grid_BHWC.shape[3], (int)(grid_BHWC.shape[1] * grid_BHWC.shape[2])));
        AssertCloseInRange(expected, grid_BHWC, Tolerance, name);
    }

    [Fact]
    public void MapHead_EqualsReference()
    {
        var head = new MapHead(_parameters.Root, 64, 3);
        AssertDeclares(_parameters, "map_head");
        _parameters.FillByFormula();
        using var none = no_grad();
        var output = head.Forward(new TokenGroup(Values("c/x", 1, 2, 3, 10, 64), Below("c/m", 0.7, 2, 3, 10)), Computation.Plain);
        AssertCloseInRange(Goldens.Arrays("model", "map_head.npz")["out"], output, Tolerance, "map_head");
    }

    [Fact]
    public void TokenLearner_EqualsReference()
    {
        var learner = new TokenLearner(_parameters.Root, 10, 64, 4);
        AssertDeclares(_parameters, "token_learner");
        _parameters.FillByFormula();
        using var none = no_grad();
        AssertCloseInRange(Goldens.Arrays("model", "token_learner.npz")["out"], learner.Forward(Values("c/x", 1, 2, 3, 10, 64), Computation.Plain), Tolerance, "token_learner");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Transformer_EqualsReference(bool repeat)
    {
        var name = $"transformer_repeat_{(repeat ? "true" : "false")}";
        var transformer = new TransformerEncoder(_parameters.Root, 64, new TransformerConfiguration { Layers = 2, MlpWidth = 128, Heads = 4, RepeatPositionEncoding = repeat });
        AssertDeclares(_parameters, name);
        _parameters.FillByFormula();
        using var none = no_grad();
        var causal = ones([10, 10], ScalarType.Bool).tril();
        var output = transformer.Forward(Values("c/x", 1, 2, 3, 10, 64).select(1, 0), Values("c/pe", 0.5, 2, 10, 64), causal, Computation.Plain);
        AssertCloseInRange(Goldens.Arrays("model", $"{name}.npz")["out"], output, Tolerance, name);
    }

    [Theory]
    [InlineData("lowdim_plain", false, BinType.Uniform)]
    [InlineData("lowdim_uniform", true, BinType.Uniform)]
    [InlineData("lowdim_normal", true, BinType.Normal)]
    public void LowdimTokenizer_EqualsReference(string name, bool discretize, BinType type)
    {
        var configuration = new LowdimTokenizerConfiguration { ObservationKeys = ["proprio_.*"], Discretize = discretize, Bins = 16, BinType = type, Low = -1, High = 1 };
        var shapes = new InputShapes(new Dictionary<string, int[]> { ["proprio_b"] = [2], ["proprio_a"] = [4] }, new Dictionary<string, int[]>());
        var tokenizer = configuration.Build(_parameters.Root, shapes)!;
        var observations = new Observations(
            new Dictionary<string, Tensor> { ["proprio_b"] = Values("c/pb", 1.2, 2, 3, 2), ["proprio_a"] = Values("c/pa", 1.2, 2, 3, 4) }, ones([2, 3], ScalarType.Bool));
        var group = tokenizer.Tokenize(observations, new Tasks(new Dictionary<string, Tensor>()), Computation.Plain)!;
        var golden = Goldens.Arrays("model", $"{name}.npz");
        AssertClose(golden["tokens"], group.Tokens, 0, name);
        AssertClose(golden["mask"], group.Mask, 0, name);
        Assert.Equal((tokenizer.Tokens, tokenizer.Features), ((int)group.Tokens.shape[2], (int)group.Tokens.shape[3]));
    }

    [Theory]
    [InlineData("head_mean", Pooling.Mean)]
    [InlineData("head_use_map", Pooling.Map)]
    [InlineData("head_pass", Pooling.Pass)]
    public void ActionHead_EqualsReference(string name, Pooling pooling)
    {
        var pass = pooling == Pooling.Pass;
        var head = new ActionHead(_parameters.Root, new ActionHeadConfiguration
        {
            ReadoutKey = "readout",
            Pooling = pooling,
            ActionHorizon = pass ? 5 : 4,
            ActionDimension = 7,
            Outputs = pass ? 7 : 0,
            ClipPrediction = !pass,
            Loss = pass ? LossType.L1 : LossType.Mse,
        }, 64);
        AssertDeclares(_parameters, name);
        _parameters.FillByFormula();
        using var none = no_grad();
        var tokens = Values("c/ro", 1, 2, 3, 5, 64);
        var output = head.Forward(new Dictionary<string, TokenGroup> { ["readout"] = new(tokens, ones([2, 3, 5], ScalarType.Bool)) });
        AssertCloseInRange(Goldens.Arrays("model", $"{name}.npz")["out"], output, Tolerance, name);
    }

    public void Dispose()
    {
        _parameters.Dispose();
        _scope.Dispose();
    }
}
