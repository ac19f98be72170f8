namespace CrossFormer.Training.Configuration;

/// <summary>How a model is told what to do.</summary>
public enum Conditioning
{
    /// <summary>By a goal image or an instruction: every sample keeps one of them, with equal probability.</summary>
    Both,

    /// <summary>By goal images alone.</summary>
    Image,

    /// <summary>By instructions alone.</summary>
    Language,
}
