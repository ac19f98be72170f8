using System.Collections.Frozen;
using System.Text.Json.Nodes;
using CrossFormer.Encoders;
using CrossFormer.Heads;
using CrossFormer.Tokenizers;

namespace CrossFormer.Configuration;

/// <summary>
/// The one table from the reference's module names to our typed records. A name that is not here is refused with its JSON path;
/// nothing is looked up by reflection, imported or executed because a file says so.
/// </summary>
internal static class ModuleTable
{
    public const string TokenizerModule = "crossformer.model.components.tokenizers";
    public const string EncoderModule = "crossformer.model.components.vit_encoders";
    public const string HeadModule = "crossformer.model.components.action_heads";

    private static readonly FrozenDictionary<(string, string), Func<SpecReader, object>> Table = new Dictionary<(string, string), Func<SpecReader, object>>
    {
        [(TokenizerModule, "ImageTokenizer")] = ImageTokenizerConfiguration.Read,
        [(TokenizerModule, "LanguageTokenizer")] = LanguageTokenizerConfiguration.Read,
        [(TokenizerModule, "LowdimObsTokenizer")] = LowdimTokenizerConfiguration.Read,
        [(EncoderModule, "PatchEncoder")] = PatchEncoderConfiguration.Read,
        [(EncoderModule, "SmallStem")] = k => SmallStemConfiguration.Read(k, "SmallStem"),
        [(EncoderModule, "SmallStem16")] = k => SmallStemConfiguration.Read(k, "SmallStem16"),
        [(EncoderModule, "SmallStem32")] = k => SmallStemConfiguration.Read(k, "SmallStem32"),
        [(EncoderModule, "ViTResnet")] = k => ResNetConfiguration.Read(k, "ViTResnet"),
        [(EncoderModule, "ResNet26")] = k => ResNetConfiguration.Read(k, "ResNet26"),
        [(EncoderModule, "ResNet26FILM")] = k => ResNetConfiguration.Read(k, "ResNet26FILM"),
        [(HeadModule, "ContinuousActionHead")] = k => ActionHeadConfiguration.Read(k, LossType.Mse),
        [(HeadModule, "L1ActionHead")] = k => ActionHeadConfiguration.Read(k, LossType.L1),
    }.ToFrozenDictionary();

    /// <summary>The typed record that a ModuleSpec stands for.</summary>
    /// <exception cref="ConfigurationException">Unknown module, a module of another kind, or wrong kwargs; with the JSON path.</exception>
    public static T Read<T>(JsonNode? node, string path) where T : class
    {
        var (spec, at) = ModuleSpec.Read(node, path);
        if (!Table.TryGetValue((spec.Module, spec.Name), out var read))
        {
            throw new ConfigurationException(
                at, $"unknown module {spec.Module}:{spec.Name}; known: {string.Join(", ", Table.Keys.Select(k => k.Item2).Order())}");
        }

        var kwargs = new SpecReader(spec.Kwargs, $"{at}.kwargs");
        var record = read(kwargs);
        kwargs.Finish();
        return record as T ?? throw new ConfigurationException(at, $"{spec.Name} is not usable here; expected {Kind(typeof(T))}");
    }

    private static string Kind(Type type) =>
        type == typeof(EncoderConfiguration) ? "an image encoder" : type == typeof(ActionHeadConfiguration) ? "an action head" : "a tokenizer";
}
