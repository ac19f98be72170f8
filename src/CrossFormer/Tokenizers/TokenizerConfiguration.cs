using CrossFormer.Configuration;
using CrossFormer.Parameters;

namespace CrossFormer.Tokenizers;

/// <summary>A tokenizer's settings: a record per kind, next to the class it builds.</summary>
public abstract record TokenizerConfiguration
{
    /// <summary>
    /// Builds the tokenizer for these inputs, or null when they hold nothing for it: the reference creates no parameters then,
    /// and such tokenizers stand in many configurations.
    /// </summary>
    /// <param name="scope">Where its parameters go, if it has any.</param>
    /// <param name="shapes">The model's inputs.</param>
    internal abstract ITokenizer? Build(ParameterScope scope, InputShapes shapes);

    internal abstract ModuleSpec ToSpec();
}
