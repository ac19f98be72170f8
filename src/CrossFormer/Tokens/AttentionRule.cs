namespace CrossFormer.Tokens;

/// <summary>When a token may attend to a token of another group (reference: block_transformer.py).</summary>
public enum AttentionRule
{
    /// <summary>Never.</summary>
    Never,
    /// <summary>To the same and earlier timesteps.</summary>
    Causal,
    /// <summary>To the same timestep.</summary>
    Current,
    /// <summary>To earlier timesteps.</summary>
    StrictPast,
    /// <summary>To every timestep. Breaks causality and is refused while that is enforced.</summary>
    All,
}
