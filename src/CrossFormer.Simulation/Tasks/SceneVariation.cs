namespace CrossFormer.Simulation.Tasks;

/// <summary>Which worlds an episode may take place in.</summary>
public enum SceneVariation
{
    /// <summary>Objects and colours as in the demonstrations.</summary>
    Standard,

    /// <summary>Shapes and shades that no demonstration has, for testing generalisation.</summary>
    Unseen,
}
