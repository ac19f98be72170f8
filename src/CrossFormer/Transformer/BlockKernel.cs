namespace CrossFormer.Transformer;

/// <summary>The kernels of a transformer block.</summary>
public enum BlockKernel
{
    /// <summary>Attention's queries.</summary>
    Query,

    /// <summary>Attention's keys.</summary>
    Key,

    /// <summary>Attention's values.</summary>
    Value,

    /// <summary>Attention's output.</summary>
    Out,

    /// <summary>Both layers of the MLP.</summary>
    Mlp,
}
