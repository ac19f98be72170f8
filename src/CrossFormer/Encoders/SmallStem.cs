using System.Text.Json.Nodes;
using CrossFormer.Configuration;
using CrossFormer.Layers;
using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Encoders;

/// <summary>Settings of <see cref="SmallStem"/>. Defaults are the reference's.</summary>
public sealed record SmallStemConfiguration : EncoderConfiguration
{
    /// <summary>Side of a patch in pixels; the embedding after the convolutions covers <c>PatchSize / 16</c> cells.</summary>
    public int PatchSize { get; init; } = 32;

    /// <summary>Kernel size of each convolution.</summary>
    public IReadOnlyList<int> KernelSizes { get; init; } = [3, 3, 3, 3];

    /// <summary>Stride of each convolution.</summary>
    public IReadOnlyList<int> Strides { get; init; } = [2, 2, 2, 2];

    /// <summary>Channels of each convolution; multiples of 32.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [32, 96, 192, 384];

    /// <summary>Pixels of padding on each side, of each convolution.</summary>
    public IReadOnlyList<int> Padding { get; init; } = [1, 1, 1, 1];

    /// <summary>Features of each token.</summary>
    public int Features { get; init; } = 512;

    internal override string ReferenceName => ClassName;

    // SmallStem16 and SmallStem32 differ from SmallStem in the default patch size only, yet Flax names the submodule after the class.
    internal string ClassName { get; init; } = "SmallStem";

    internal static SmallStemConfiguration Read(SpecReader kwargs, string className) => new()
    {
        ClassName = className,
        UseFilm = kwargs.Flag("use_film", false),
        PatchSize = kwargs.Integer("patch_size", className == "SmallStem16" ? 16 : 32, min: 16),
        KernelSizes = kwargs.Integers("kernel_sizes", [3, 3, 3, 3]),
        Strides = kwargs.Integers("strides", [2, 2, 2, 2]),
        Channels = kwargs.Integers("features", [32, 96, 192, 384]),
        Padding = kwargs.Integers("padding", [1, 1, 1, 1]),
        Features = kwargs.Integer("num_features", 512, min: 1),
        Normalization = ReadNormalization(kwargs),
    };

    internal override JsonObject Kwargs()
    {
        var kwargs = CommonKwargs();
        kwargs["patch_size"] = PatchSize;
        kwargs["kernel_sizes"] = List(KernelSizes);
        kwargs["strides"] = List(Strides);
        kwargs["features"] = List(Channels);
        kwargs["padding"] = List(Padding);
        kwargs["num_features"] = Features;
        return kwargs;
        static JsonArray List(IEnumerable<int> values) => new([.. values.Select(v => JsonValue.Create(v))]);
    }

    internal override IImageEncoder Build(ParameterScope scope, EncoderInput input) => new SmallStem(scope, this, input);
}

/// <summary>A few strided convolutions before the patches (reference: vit_encoders.py, SmallStem; Xiao et al. 2021).</summary>
internal sealed class SmallStem : IImageEncoder
{
    private readonly ParameterScope _scope;
    private readonly SmallStemConfiguration _configuration;
    private readonly (Convolution Convolution, GroupNorm Norm)[] _stages;
    private readonly Convolution _embedding;
    private readonly FilmConditioning? _film;

    public SmallStem(ParameterScope scope, SmallStemConfiguration configuration, EncoderInput input)
    {
        (_scope, _configuration) = (scope, configuration);
        // zip() in the reference: the shortest list decides how many stages there are.
        var depth = new[] { configuration.KernelSizes.Count, configuration.Strides.Count, configuration.Channels.Count, configuration.Padding.Count }.Min();
        _stages = new (Convolution, GroupNorm)[depth];
        var (channels, height, width) = (input.Channels, input.Height, input.Width);
        for (var i = 0; i < depth; i++)
        {
            var convolution = Convolution.Padded(
                scope.Child($"StdConv_{i}"), channels, configuration.Channels[i], configuration.KernelSizes[i], configuration.Strides[i], configuration.Padding[i]);
            var before = (long)height * width * channels;
            channels = configuration.Channels[i];
            Kept = Kept.With(before, 2L * convolution.OutputSize(height) * convolution.OutputSize(width) * channels);
            _stages[i] = (convolution, new GroupNorm(scope.Child($"GroupNorm_{i}"), channels));
            (height, width) = (convolution.OutputSize(height), convolution.OutputSize(width));
        }

        _embedding = Convolution.Patches(scope.Child("embedding"), channels, configuration.Features, configuration.PatchSize / 16);
        _film = configuration.UseFilm ? new FilmConditioning(scope.Child("FilmConditioning_0"), input.ConditionSize, configuration.Features) : null;
        Tokens = _embedding.OutputSize(height) * _embedding.OutputSize(width);
        Kept = Kept.WithFixed(2L * Tokens * configuration.Features);
    }

    public int Features => _configuration.Features;

    public int Tokens { get; }

    public KeptActivations Kept { get; }

    public Tensor Forward(Tensor images_BHWC, Tensor? condition_BD, Computation computation)
    {
        FilmConditioning.Check(_configuration.UseFilm, condition_BD);
        using var scope = NewDisposeScope();
        var x = _configuration.Normalization.Apply(images_BHWC);
        foreach (var (convolution, norm) in _stages)
            x = Recomputed.Run(_scope, computation, t => norm.Forward(convolution.Forward(t[0], computation), relu: true), x);
        x = _embedding.Forward(x, computation);
        return (_film is null ? x : _film.Forward(x, condition_BD!)).MoveToOuterDisposeScope();
    }
}
