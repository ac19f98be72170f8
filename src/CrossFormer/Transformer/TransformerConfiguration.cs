using CrossFormer.Configuration;

namespace CrossFormer.Transformer;

/// <summary>Shape of the transformer (reference: transformer.py, Transformer and common_transformer_sizes). Defaults are the reference's.</summary>
public sealed record TransformerConfiguration
{
    /// <summary>Number of encoder blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Hidden width of each MLP.</summary>
    public required int MlpWidth { get; init; }

    /// <summary>Attention heads; must divide the embedding size.</summary>
    public required int Heads { get; init; }

    /// <summary>Dropout after the attention output, after GELU and after the MLP output; [0, 1), used in training only.</summary>
    public double DropoutRate { get; init; } = 0.1;

    /// <summary>Dropout of attention weights; [0, 1). The default of 0.1 is what a configuration gets that omits it; all named sizes set 0.</summary>
    public double AttentionDropoutRate { get; init; } = 0.1;

    /// <summary>True: position encodings are added to queries and keys in every layer, never to the residual stream. False: once, to the input.</summary>
    public bool RepeatPositionEncoding { get; init; }

    private static readonly Dictionary<string, (int Embedding, TransformerConfiguration Configuration)> Sizes = new()
    {
        ["dummy"] = Size(256, 1, 256, 2, 0.1, false),
        ["vanilla"] = Size(256, 4, 1024, 8, 0.1, false),
        ["detr"] = Size(512, 12, 2048, 8, 0.1, true),
        ["detr_big"] = Size(1024, 24, 4096, 16, 0.1, true),
        ["vit_t"] = Size(192, 12, 768, 3, 0, false),
        ["vit_s"] = Size(384, 12, 1536, 6, 0, false),
        ["vit_b"] = Size(768, 12, 3072, 12, 0, false),
        ["vit_l"] = Size(1024, 24, 4096, 16, 0.1, false),
        ["vit_h"] = Size(1280, 32, 5120, 16, 0.1, false),
        ["vint"] = Size(512, 4, 2048, 4, 0, false),
        ["vit_t_repeat"] = Size(192, 12, 768, 3, 0.1, true),
        ["vit_s_repeat"] = Size(384, 12, 1536, 6, 0.1, true),
    };

    /// <summary>Names that <see cref="Named"/> knows.</summary>
    public static IReadOnlyCollection<string> Names => Sizes.Keys;

    /// <summary>A size by its name in the reference's <c>common_transformer_sizes</c>; the published model is <c>detr</c>.</summary>
    /// <returns>The embedding size and the transformer's shape.</returns>
    /// <exception cref="ArgumentException">No such size.</exception>
    public static (int Embedding, TransformerConfiguration Configuration) Named(string name) =>
        Sizes.TryGetValue(name, out var size) ? size : throw new ArgumentException($"No transformer size '{name}'; known: {string.Join(", ", Sizes.Keys)}.", nameof(name));

    internal static TransformerConfiguration Read(SpecReader kwargs) => new()
    {
        Layers = kwargs.Integer("num_layers", min: 1),
        MlpWidth = kwargs.Integer("mlp_dim", min: 1),
        Heads = kwargs.Integer("num_attention_heads", min: 1),
        DropoutRate = kwargs.Number("dropout_rate", 0.1),
        AttentionDropoutRate = kwargs.Number("attention_dropout_rate", 0.1),
        RepeatPositionEncoding = kwargs.Flag("repeat_pos_enc", false),
    };

    internal System.Text.Json.Nodes.JsonObject ToJson() => new()
    {
        ["attention_dropout_rate"] = AttentionDropoutRate,
        ["num_layers"] = Layers,
        ["mlp_dim"] = MlpWidth,
        ["num_attention_heads"] = Heads,
        ["dropout_rate"] = DropoutRate,
        ["repeat_pos_enc"] = RepeatPositionEncoding,
    };

    private static (int Embedding, TransformerConfiguration Configuration) Size(int embedding, int layers, int mlp, int heads, double dropout, bool repeat) =>
        (embedding, new() { Layers = layers, MlpWidth = mlp, Heads = heads, DropoutRate = dropout, AttentionDropoutRate = 0, RepeatPositionEncoding = repeat });
}
