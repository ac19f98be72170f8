// B batch · N tokens · D features
using System.Text.Json.Nodes;
using CrossFormer.Configuration;
using CrossFormer.Layers;
using CrossFormer.Parameters;
using CrossFormer.Tokens;
using static TorchSharp.torch;

namespace CrossFormer.Tokenizers;

/// <summary>Settings of <see cref="LanguageTokenizer"/>.</summary>
public sealed record LanguageTokenizerConfiguration : TokenizerConfiguration
{
    /// <summary>Whether tokens of an absent instruction are masked. When false, an absent instruction is an error.</summary>
    public bool ProperPadMask { get; init; } = true;

    internal static LanguageTokenizerConfiguration Read(SpecReader kwargs)
    {
        // The reference can run a Hugging Face language model inside the policy. No CrossFormer checkpoint does; texts are
        // encoded before they reach the model.
        if (kwargs.OptionalText("encoder") is { } encoder)
            throw new ConfigurationException($"{kwargs.Path}.encoder", $"a language model inside the policy ('{encoder}') is not supported; encode instructions beforehand");
        _ = kwargs.Flag("finetune_encoder", false);
        return new() { ProperPadMask = kwargs.Flag("proper_pad_mask", true) };
    }

    internal override ModuleSpec ToSpec() => new(ModuleTable.TokenizerModule, "LanguageTokenizer", new JsonObject { ["proper_pad_mask"] = ProperPadMask });

    internal override ITokenizer? Build(ParameterScope scope, InputShapes shapes) =>
        shapes.Tasks.TryGetValue(LanguageTokenizer.Key, out var shape) ? new LanguageTokenizer(this, shape) : null;
}

/// <summary>Passes the instruction's encoding on as tokens (reference: tokenizers.py, LanguageTokenizer). No gradient flows into it.</summary>
internal sealed class LanguageTokenizer(LanguageTokenizerConfiguration configuration, int[] shape) : ITokenizer
{
    public const string Key = "language_instruction";

    public int Features => shape[^1];

    public int Tokens => shape.Length == 1 ? 1 : shape[0];

    public IReadOnlyList<string> ObservationKeys => [];

    public Tensor Presence(Observations observations, Computation computation) => ones_like(observations.TimestepMask);

    public TokenGroup? Tokenize(Observations observations, Tasks tasks, Computation computation)
    {
        if (!tasks.Values.TryGetValue(Key, out var language))
            return configuration.ProperPadMask ? null : throw new ArgumentException($"The task lacks '{Key}', and this tokenizer (proper_pad_mask: false) cannot do without.");
        using var scope = NewDisposeScope();
        var tokens_BND = (language.dim() == 2 ? language.unsqueeze(1) : language.alias()).detach();
        var mask_BN = configuration.ProperPadMask ? PadMask.For(tokens_BND, tasks.PadMasks, [Key]) : ones(tokens_BND.shape[..^1], ScalarType.Bool, tokens_BND.device);
        return new TokenGroup(tokens_BND.MoveToOuterDisposeScope(), mask_BN.MoveToOuterDisposeScope());
    }
}
