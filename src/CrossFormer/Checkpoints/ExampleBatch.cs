using CrossFormer.Arrays;
using CrossFormer.Tokenizers;

namespace CrossFormer.Checkpoints;

/// <summary>What an <c>example_batch.msgpack</c> says about a model's inputs: it alone has their shapes, and <c>config.json</c> does not.</summary>
internal static class ExampleBatch
{
    private static readonly HashSet<string> Bookkeeping = ["timestep", "timestep_pad_mask", "task_completed", "pad_mask_dict", "pad_mask"];

    /// <summary>Inputs by key, without batch and window dimensions; masks and counters are no inputs.</summary>
    /// <exception cref="ArgumentException">The batch lacks observations or tasks.</exception>
    public static InputShapes Shapes(ArrayTree batch) => new(Inputs(batch, "observation", 2), Inputs(batch, "task", 1));

    /// <summary>Element type of each input, under <c>observation/KEY</c> and <c>task/KEY</c>.</summary>
    public static Dictionary<string, DType> Types(ArrayTree batch) => batch.FlattenArrays().ToDictionary(a => a.Key, a => a.Value.DType);

    /// <summary>Length of the history window that the model was trained with.</summary>
    public static int WindowSize(ArrayTree batch) =>
        batch.FlattenArrays().TryGetValue("observation/timestep_pad_mask", out var mask) && mask.Shape is [_, var window]
            ? window
            : throw new ArgumentException("The example batch has no observation/timestep_pad_mask of shape [batch, window], which gives the window's size.");

    private static Dictionary<string, int[]> Inputs(ArrayTree batch, string part, int leading)
    {
        var map = batch is ArrayTree.Map root && root.TryGet(part, out var child) ? child as ArrayTree.Map : null;
        if (map is null)
            throw new ArgumentException($"The example batch has no '{part}'.");
        return map.Entries
            .Where(e => !Bookkeeping.Contains(e.Key) && e.Value is ArrayTree.Leaf leaf && leaf.Array.Shape.Length > leading)
            .ToDictionary(e => e.Key, e => ((ArrayTree.Leaf)e.Value).Array.Shape[leading..]);
    }
}
