namespace CrossFormer.Parameters;

/// <summary>A place in the parameter tree: modules declare their parameters below it under Flax's names.</summary>
/// <param name="Set">The tree.</param>
/// <param name="Path">Flax path of this place; empty at the root.</param>
internal readonly record struct ParameterScope(ParameterSet Set, string Path)
{
    public ParameterScope Child(string name) => this with { Path = Path.Length == 0 ? name : $"{Path}/{name}" };

    /// <summary>Whether any parameter below here, or an adapter of one, gets a gradient.</summary>
    public bool IsTrained
    {
        get
        {
            var prefix = Path + '/';
            return Set.All.Any(p => p.Path.StartsWith(prefix, StringComparison.Ordinal) && (p.Adapter is not null || (p.IsLoaded && p.Value.requires_grad)));
        }
    }

    public Parameter Declare(string name, Initializer initializer, params long[] shape) => Set.Declare(Child(name).Path, shape, initializer);
}
