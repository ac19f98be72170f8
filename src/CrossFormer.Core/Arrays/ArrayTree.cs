using System.Diagnostics.CodeAnalysis;

namespace CrossFormer.Arrays;

/// <summary>
/// An immutable tree as Flax stores one: ordered maps and sequences whose leaves are arrays, numbers, text or nothing.
/// Arrays may still lie in the file they came from (<see cref="StoredArray"/>).
/// </summary>
public abstract class ArrayTree
{
    private ArrayTree()
    {
    }

    /// <summary>Nothing: Python's None, msgpack's nil.</summary>
    public static ArrayTree Nil { get; } = new NilLeaf();

    /// <summary>All leaves, keyed by their path joined by '/' (<c>a/b/c</c>; an index of a sequence is a key like any other), in file order. Empty maps leave no trace.</summary>
    /// <exception cref="InvalidOperationException">Two leaves have one path, because a key itself contains '/'.</exception>
    public OrderedDictionary<string, ArrayTree> Flatten()
    {
        var leaves = new OrderedDictionary<string, ArrayTree>();
        Collect("", this, leaves);
        return leaves;
    }

    /// <summary>As <see cref="Flatten"/>, arrays only: other leaves are left out.</summary>
    /// <exception cref="InvalidOperationException">Two leaves have one path, because a key itself contains '/'.</exception>
    public OrderedDictionary<string, StoredArray> FlattenArrays()
    {
        var arrays = new OrderedDictionary<string, StoredArray>();
        foreach (var (path, leaf) in Flatten())
        {
            if (leaf is Leaf { Array: var array })
                arrays.Add(path, array);
        }

        return arrays;
    }

    /// <summary>The inverse of <see cref="FlattenArrays"/>: nested maps, in the order in which each key first appears.</summary>
    /// <param name="arrays">Path joined by '/' and array.</param>
    /// <exception cref="ArgumentException">A path occurs twice, or is both an array and a map of arrays.</exception>
    public static Map Nest(IEnumerable<KeyValuePair<string, StoredArray>> arrays)
    {
        var root = new OrderedDictionary<string, object>();
        foreach (var (path, array) in arrays)
        {
            var map = root;
            var segments = path.Split('/');
            foreach (var segment in segments.AsSpan(..^1))
            {
                if (!map.TryGetValue(segment, out var child))
                    map.Add(segment, child = new OrderedDictionary<string, object>());
                map = child as OrderedDictionary<string, object>
                    ?? throw new ArgumentException($"'{path}' lies below '{segment}', which is an array itself.", nameof(arrays));
            }

            if (!map.TryAdd(segments[^1], array))
                throw new ArgumentException($"'{path}' occurs twice, or is both an array and a map.", nameof(arrays));
        }

        return Build(root);

        static Map Build(OrderedDictionary<string, object> map) => new(map.Select(e => KeyValuePair.Create(
            e.Key, e.Value is StoredArray array ? new Leaf(array) : (ArrayTree)Build((OrderedDictionary<string, object>)e.Value))));
    }

    private static void Collect(string path, ArrayTree node, OrderedDictionary<string, ArrayTree> leaves)
    {
        switch (node)
        {
            case Map map:
                foreach (var (key, child) in map.Entries)
                    Collect(Join(path, key), child, leaves);
                break;
            case Sequence sequence:
                for (var i = 0; i < sequence.Items.Count; i++)
                    Collect(Join(path, i.ToString()), sequence.Items[i], leaves);
                break;
            default:
                if (!leaves.TryAdd(path, node))
                    throw new InvalidOperationException($"Two leaves have the path '{path}': a key contains '/'.");
                break;
        }

        static string Join(string path, string key) => path.Length == 0 ? key : $"{path}/{key}";
    }

    /// <summary>Named children in order; no name occurs twice.</summary>
    public sealed class Map : ArrayTree
    {
        private readonly OrderedDictionary<string, ArrayTree> _entries;

        /// <summary>Takes the children in the order given.</summary>
        /// <exception cref="ArgumentException">A name occurs twice.</exception>
        public Map(IEnumerable<KeyValuePair<string, ArrayTree>> entries) => _entries = new(entries);

        // The reader hands its own dictionary over and keeps no reference.
        internal Map(OrderedDictionary<string, ArrayTree> owned) => _entries = owned;

        /// <summary>Names and children in order.</summary>
        public IReadOnlyList<KeyValuePair<string, ArrayTree>> Entries => _entries;

        /// <summary>The child of that name.</summary>
        /// <exception cref="KeyNotFoundException">There is none; the message lists the names that exist.</exception>
        public ArrayTree this[string key] =>
            TryGet(key, out var child) ? child : throw new KeyNotFoundException($"No '{key}' among {string.Join(", ", _entries.Keys)}.");

        /// <summary>Looks a child up.</summary>
        public bool TryGet(string key, [NotNullWhen(true)] out ArrayTree? child) => _entries.TryGetValue(key, out child);
    }

    /// <summary>Unnamed children in order. Flax itself writes lists as maps keyed "0", "1", …; orbax writes sequences.</summary>
    /// <param name="items">The children.</param>
    /// <param name="isTuple">Written by a Python tuple, which orbax tells from a list.</param>
    public sealed class Sequence(IReadOnlyList<ArrayTree> items, bool isTuple = false) : ArrayTree
    {
        /// <summary>The children in order.</summary>
        public IReadOnlyList<ArrayTree> Items { get; } = items;

        /// <summary>Written by a Python tuple.</summary>
        public bool IsTuple { get; } = isTuple;
    }

    /// <summary>An array.</summary>
    /// <param name="array">Its elements, perhaps still in the file.</param>
    /// <param name="isScalar">A numpy scalar (<c>np.float32(1)</c>), which Flax tells from a 0-dimensional array.</param>
    public sealed class Leaf(StoredArray array, bool isScalar = false) : ArrayTree
    {
        /// <summary>The array.</summary>
        public StoredArray Array { get; } = array;

        /// <summary>A numpy scalar rather than a 0-dimensional array.</summary>
        public bool IsScalar { get; } = isScalar;
    }

    /// <summary>A Python string.</summary>
    public sealed class Text(string value) : ArrayTree
    {
        /// <summary>The text.</summary>
        public string Value { get; } = value;
    }

    /// <summary>Python bytes.</summary>
    public sealed class Binary(ReadOnlyMemory<byte> value) : ArrayTree
    {
        /// <summary>The bytes.</summary>
        public ReadOnlyMemory<byte> Value { get; } = value;
    }

    /// <summary>A Python integer, in [−2^63, 2^64−1] when it comes from a file.</summary>
    public sealed class Integer(Int128 value) : ArrayTree
    {
        /// <summary>The number.</summary>
        public Int128 Value { get; } = value;
    }

    /// <summary>A Python float.</summary>
    public sealed class Real(double value) : ArrayTree
    {
        /// <summary>The number.</summary>
        public double Value { get; } = value;
    }

    /// <summary>A Python complex.</summary>
    public sealed class Complex(System.Numerics.Complex value) : ArrayTree
    {
        /// <summary>The number.</summary>
        public System.Numerics.Complex Value { get; } = value;
    }

    /// <summary>A Python bool.</summary>
    public sealed class Boolean(bool value) : ArrayTree
    {
        /// <summary>The truth value.</summary>
        public bool Value { get; } = value;
    }

    private sealed class NilLeaf : ArrayTree;
}
