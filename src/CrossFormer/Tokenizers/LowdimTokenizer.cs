// B batch · T window step · N tokens in group
using System.Text.Json.Nodes;
using CrossFormer.Configuration;
using CrossFormer.Layers;
using CrossFormer.Parameters;
using CrossFormer.Tokens;
using static TorchSharp.torch;

namespace CrossFormer.Tokenizers;

/// <summary>Settings of <see cref="LowdimTokenizer"/>. Defaults are the reference's.</summary>
public sealed record LowdimTokenizerConfiguration : TokenizerConfiguration
{
    /// <summary>Regular expressions: which observations are tokenized, in this order.</summary>
    public required IReadOnlyList<string> ObservationKeys { get; init; }

    /// <summary>Whether each number becomes a one-hot vector of its bin instead of itself.</summary>
    public bool Discretize { get; init; }

    /// <summary>Number of bins when discretized.</summary>
    public int Bins { get; init; } = 256;

    /// <summary>How the bins are cut.</summary>
    public BinType BinType { get; init; }

    /// <summary>Lower end of uniform bins.</summary>
    public double Low { get; init; }

    /// <summary>Upper end of uniform bins.</summary>
    public double High { get; init; } = 1;

    /// <summary>Dropout of the numbers themselves; [0, 1), in training only.</summary>
    public double DropoutRate { get; init; }

    /// <summary>When false, absent observations are an error. Tokens of padded observations are never masked, whatever this says (as in the reference).</summary>
    public bool ProperPadMask { get; init; } = true;

    internal static LowdimTokenizerConfiguration Read(SpecReader kwargs) => new()
    {
        ObservationKeys = kwargs.Texts("obs_keys"),
        Discretize = kwargs.Flag("discretize", false),
        Bins = kwargs.Integer("n_bins", 256, min: 1),
        BinType = kwargs.Choice("bin_type", BinType.Uniform, ("uniform", BinType.Uniform), ("normal", BinType.Normal)),
        Low = kwargs.Number("low", 0),
        High = kwargs.Number("high", 1),
        DropoutRate = kwargs.Number("dropout_rate", 0),
        ProperPadMask = kwargs.Flag("proper_pad_mask", true),
    };

    internal override ModuleSpec ToSpec() => new(ModuleTable.TokenizerModule, "LowdimObsTokenizer", new JsonObject
    {
        ["obs_keys"] = new JsonArray([.. ObservationKeys.Select(k => JsonValue.Create(k))]),
        ["discretize"] = Discretize,
        ["n_bins"] = Bins,
        ["bin_type"] = BinType == BinType.Uniform ? "uniform" : "normal",
        ["low"] = Low,
        ["high"] = High,
        ["dropout_rate"] = DropoutRate,
        ["proper_pad_mask"] = ProperPadMask,
    });

    internal override ITokenizer? Build(ParameterScope scope, InputShapes shapes)
    {
        var keys = new KeyPatterns(ObservationKeys, "obs_keys").SelectByPattern([.. shapes.Observations.Keys]);
        return keys.Length == 0 ? null : new LowdimTokenizer(this, keys, keys.Sum(k => shapes.Observations[k] is [var dim]
            ? dim
            : throw new ArgumentException($"Low-dimensional input {k} must be a vector, got [{string.Join(',', shapes.Observations[k])}].")));
    }
}

/// <summary>One token per number of proprioception (reference: tokenizers.py, LowdimObsTokenizer).</summary>
internal sealed class LowdimTokenizer(LowdimTokenizerConfiguration configuration, string[] keys, int dimension) : ITokenizer
{
    private readonly KeyPatterns _patterns = new(configuration.ObservationKeys, "obs_keys");
    private readonly Dropout _dropout = new(configuration.DropoutRate);
    private readonly BinTokenizer? _bins = configuration.Discretize ? new(configuration.Bins, configuration.BinType, configuration.Low, configuration.High) : null;

    public int Features => _bins?.Bins ?? 1;

    public int Tokens => dimension;

    public IReadOnlyList<string> ObservationKeys => keys;

    public Tensor Presence(Observations observations, Computation computation) =>
        // All ones whatever the pad masks say: the reference never masks these tokens, and published weights were trained so.
        computation.MaskAbsentProprioception ? PadMask.For(observations, _patterns.SelectByPattern([.. observations.Values.Keys])) : ones_like(observations.TimestepMask);

    public TokenGroup? Tokenize(Observations observations, Tasks tasks, Computation computation)
    {
        var present = _patterns.SelectByPattern([.. observations.Values.Keys]);
        if (present.Length == 0)
        {
            return configuration.ProperPadMask
                ? null
                : throw new ArgumentException($"Observations lack {string.Join(", ", keys)}, and this tokenizer (proper_pad_mask: false) cannot do without.");
        }

        using var scope = NewDisposeScope();
        var x_BTN = _dropout.Forward(cat([.. present.Select(k => observations.Values[k])], -1), computation);
        var tokens_BTNF = _bins is null ? x_BTN.unsqueeze(-1) : nn.functional.one_hot(_bins.Encode(x_BTN), _bins.Bins).to(ScalarType.Float32);
        var mask_BTN = Presence(observations, computation).unsqueeze(-1).expand(x_BTN.shape);
        return new TokenGroup(tokens_BTNF.MoveToOuterDisposeScope(), mask_BTN.MoveToOuterDisposeScope());
    }
}
