using System.Text.Json.Nodes;
using CrossFormer.Configuration;
using CrossFormer.Layers;
using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Encoders;

/// <summary>Settings of <see cref="PatchEncoder"/>. Defaults are the reference's.</summary>
public sealed record PatchEncoderConfiguration : EncoderConfiguration
{
    /// <summary>Side of a patch in pixels.</summary>
    public int PatchSize { get; init; } = 32;

    /// <summary>Features of each patch.</summary>
    public int Features { get; init; } = 512;

    internal override string ReferenceName => "PatchEncoder";

    internal static PatchEncoderConfiguration Read(SpecReader kwargs) => new()
    {
        UseFilm = kwargs.Flag("use_film", false),
        PatchSize = kwargs.Integer("patch_size", 32, min: 1),
        Features = kwargs.Integer("num_features", 512, min: 1),
        Normalization = ReadNormalization(kwargs),
    };

    internal override JsonObject Kwargs()
    {
        var kwargs = CommonKwargs();
        kwargs["patch_size"] = PatchSize;
        kwargs["num_features"] = Features;
        return kwargs;
    }

    internal override IImageEncoder Build(ParameterScope scope, EncoderInput input) => new PatchEncoder(scope, this, input);
}

/// <summary>Cuts the image into patches and embeds each with one linear map (reference: vit_encoders.py, PatchEncoder).</summary>
internal sealed class PatchEncoder : IImageEncoder
{
    private readonly PatchEncoderConfiguration _configuration;
    private readonly Convolution _embedding;
    private readonly FilmConditioning? _film;

    public PatchEncoder(ParameterScope scope, PatchEncoderConfiguration configuration, EncoderInput input)
    {
        _configuration = configuration;
        _embedding = Convolution.Patches(scope.Child("embedding"), input.Channels, configuration.Features, configuration.PatchSize);
        _film = configuration.UseFilm ? new FilmConditioning(scope.Child("FilmConditioning_0"), input.ConditionSize, configuration.Features) : null;
        Tokens = _embedding.OutputSize(input.Height) * _embedding.OutputSize(input.Width);
        Kept = new KeptActivations().WithFixed((long)input.Height * input.Width * input.Channels + 2L * Tokens * configuration.Features);
    }

    public int Features => _configuration.Features;

    public int Tokens { get; }

    public KeptActivations Kept { get; }

    public Tensor Forward(Tensor images_BHWC, Tensor? condition_BD, Computation computation)
    {
        FilmConditioning.Check(_configuration.UseFilm, condition_BD);
        using var scope = NewDisposeScope();
        var x = _embedding.Forward(_configuration.Normalization.Apply(images_BHWC), computation);
        return (_film is null ? x : _film.Forward(x, condition_BD!)).MoveToOuterDisposeScope();
    }
}
