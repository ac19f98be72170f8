namespace CrossFormer.Training.Configuration;

/// <summary>
/// What a model is told in validation. The reference compares with "text_conditioned" where its configuration says
/// "language_conditioned", so that language-conditioned runs are validated in mode "base" there; here they are not.
/// </summary>
public enum ValidationMode
{
    /// <summary>Both goal image and instruction, as far as the sample has them.</summary>
    Base,

    /// <summary>The goal image alone.</summary>
    ImageConditioned,

    /// <summary>The instruction alone.</summary>
    TextConditioned,

    /// <summary>Neither.</summary>
    Unconditioned,
}
