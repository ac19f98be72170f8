namespace CrossFormer.Parameters;

/// <summary>A place in the parameter tree: modules declare their parameters below it under Flax's names.</summary>
/// <param name="Set">The tree.</param>
/// <param name="Path">Flax path of this place; empty at the root.</param>
internal readonly record struct ParameterScope(ParameterSet Set, string Path)
{
    public ParameterScope Child(string name) => this with { Path = Path.Length == 0 ? name : $"{Path}/{name}" };

    public Parameter Declare(string name, Initializer initializer, params long[] shape) => Set.Declare(Child(name).Path, shape, initializer);
}
