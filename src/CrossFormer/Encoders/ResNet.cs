using System.Text.Json.Nodes;
using CrossFormer.Configuration;
using CrossFormer.Layers;
using CrossFormer.Parameters;
using static TorchSharp.torch;

namespace CrossFormer.Encoders;

/// <summary>Settings of the ResNet encoders. Defaults are those of the reference's <c>ResNet26</c>.</summary>
public sealed record ResNetConfiguration : EncoderConfiguration
{
    /// <summary>Units of each stage; empty: root convolution and pooling only.</summary>
    public IReadOnlyList<int> Stages { get; init; } = [2, 2, 2, 2];

    /// <summary>Channels of the root, in multiples of 64.</summary>
    public double Width { get; init; } = 1;

    internal override string ReferenceName => ClassName;

    // Flax names the submodule after the class: ResNet26FILM and ResNet26 are ViTResnet with other defaults.
    internal string ClassName { get; init; } = "ResNet26";

    /// <summary>The published model's camera encoder: ResNet-26, conditioned on language.</summary>
    public static ResNetConfiguration Film26 { get; } = new() { ClassName = "ResNet26FILM", UseFilm = true };

    /// <summary>The published model's navigation encoder: ResNet-26 without conditioning.</summary>
    public static ResNetConfiguration Plain26 { get; } = new();

    internal static ResNetConfiguration Read(SpecReader kwargs, string className) => new()
    {
        ClassName = className,
        UseFilm = kwargs.Flag("use_film", className == "ResNet26FILM"),
        Stages = kwargs.Integers("num_layers", className == "ViTResnet" ? [] : [2, 2, 2, 2]),
        Width = kwargs.Number("width", 1),
        Normalization = ReadNormalization(kwargs),
    };

    internal override JsonObject Kwargs()
    {
        var kwargs = CommonKwargs();
        kwargs["width"] = Width;
        kwargs["num_layers"] = new JsonArray([.. Stages.Select(v => JsonValue.Create(v))]);
        return kwargs;
    }

    internal override IImageEncoder Build(ParameterScope scope, EncoderInput input) => new ResNet(scope, this, input);
}

/// <summary>
/// ResNet v2 of the hybrid vision transformers, with FiLM after every stage but the first (reference: vit_encoders.py,
/// ViTResnet). Without stages FiLM acts once, after the pooling.
/// </summary>
internal sealed class ResNet : IImageEncoder
{
    private readonly ParameterScope _scope;

    public ResNet(ParameterScope scope, ResNetConfiguration configuration, EncoderInput input)
    {
        _scope = scope;
        Configuration = configuration;
        var width = (int)(64 * configuration.Width);
        Root = Convolution.Same(scope.Child("conv_root"), input.Channels, width, 7, 2);
        RootNorm = new GroupNorm(scope.Child("gn_root"), width);
        var rootPixels = (long)Root.OutputSize(input.Height) * Root.OutputSize(input.Width);
        var (height, across) = (Half(Root.OutputSize(input.Height)), Half(Root.OutputSize(input.Width)));
        var channels = width;
        var images = (long)input.Height * input.Width * input.Channels;
        // Images normalised and padded; the convolution's output before and after normalisation and padded; the pool's output, and where each maximum was.
        var kept = new KeptActivations().With(images / 4, 2 * images + 3 * rootPixels * width + 3L * height * across * width);
        var (stages, films) = (new List<ResidualUnit[]>(), new List<FilmConditioning>());
        for (var i = 0; i < configuration.Stages.Count; i++)
        {
            var units = new ResidualUnit[configuration.Stages[i]];
            for (var j = 0; j < units.Length; j++)
            {
                var stride = i > 0 && j == 0 ? 2 : 1;
                var (pixels, outputPixels) = ((long)height * across, (long)(stride == 1 ? height : Half(height)) * (stride == 1 ? across : Half(across)));
                units[j] = new ResidualUnit(scope.Child($"block{i + 1}").Child($"unit{j + 1}"), channels, width << i, stride);
                kept = kept.With(pixels * channels, units[j].Kept(pixels, outputPixels));
                channels = 4 * (width << i);
                if (stride == 2)
                    (height, across) = (Half(height), Half(across));
            }

            stages.Add(units);
            if (i > 0 && configuration.UseFilm)
                films.Add(new FilmConditioning(scope.Child($"FilmConditioning_{films.Count}"), input.ConditionSize, channels));
        }

        if (stages.Count == 0 && configuration.UseFilm)
            films.Add(new FilmConditioning(scope.Child("FilmConditioning_0"), input.ConditionSize, channels));
        (Stages, Films, Features, Tokens, Kept) = (stages, films, channels, height * across, kept);
        static int Half(int size) => (size + 1) / 2;
    }

    public ResNetConfiguration Configuration { get; }

    public Convolution Root { get; }

    public GroupNorm RootNorm { get; }

    public IReadOnlyList<ResidualUnit[]> Stages { get; }

    /// <summary>One for each stage but the first; the only one when there are no stages.</summary>
    public IReadOnlyList<FilmConditioning> Films { get; }

    public int Features { get; }

    public int Tokens { get; }

    public KeptActivations Kept { get; }

    public Tensor Forward(Tensor images_BHWC, Tensor? condition_BD, Computation computation)
    {
        FilmConditioning.Check(Configuration.UseFilm, condition_BD);
        using var scope = NewDisposeScope();
        var x = Recomputed.Run(_scope, computation, t => Stem(t[0], computation), images_BHWC);
        for (var i = 0; i < Stages.Count; i++)
        {
            foreach (var unit in Stages[i])
                x = unit.Forward(x, computation);
            if (i > 0 && Configuration.UseFilm)
                x = Films[i - 1].Forward(x, condition_BD!);
        }

        if (Stages.Count == 0 && Configuration.UseFilm)
            x = Films[0].Forward(x, condition_BD!);
        return x.MoveToOuterDisposeScope();
    }

    private Tensor Stem(Tensor images_BHWC, Computation computation)
    {
        using var scope = NewDisposeScope();
        var x = Configuration.Normalization.Apply(images_BHWC);
        return MaxPool(RootNorm.Forward(Root.Forward(x, computation), relu: true)).MoveToOuterDisposeScope();
    }

    /// <summary>3×3 maximum with stride 2, SAME. Padding with zeros equals Flax's −∞, for what comes in is rectified.</summary>
    internal static Tensor MaxPool(Tensor x_BHWC)
    {
        using var scope = NewDisposeScope();
        var (top, bottom) = Convolution.SamePadding((int)x_BHWC.shape[1], 3, 2);
        var (left, right) = Convolution.SamePadding((int)x_BHWC.shape[2], 3, 2);
        var padded = nn.functional.pad(x_BHWC, [0, 0, left, right, top, bottom]);
        return nn.functional.max_pool2d(padded.permute(0, 3, 1, 2), 3, 2).permute(0, 2, 3, 1).contiguous().MoveToOuterDisposeScope();
    }
}
