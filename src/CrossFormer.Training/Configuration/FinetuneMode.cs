namespace CrossFormer.Training.Configuration;

/// <summary>What fine-tuning trains.</summary>
public enum FinetuneMode
{
    /// <summary>Everything.</summary>
    Full,

    /// <summary>The head alone; tokenizers and transformer stay.</summary>
    HeadOnly,

    /// <summary>Tokenizers and heads; the transformer's blocks stay.</summary>
    FrozenTransformer,
}
