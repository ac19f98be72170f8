namespace CrossFormer.Text;

/// <summary>
/// Remembers the vectors of the last texts (least recently used leaves first). An instruction is encoded once, not once a
/// control step. Failures are not remembered.
/// </summary>
public sealed class CachedTextEncoder : ITextEncoder
{
    private readonly ITextEncoder _encoder;
    private readonly int _capacity;
    private readonly Lock _lock = new();

    // The list holds the most recently used text first; the dictionary finds its nodes.
    private readonly LinkedList<(string Text, float[] Vector)> _recent = new();
    private readonly Dictionary<string, LinkedListNode<(string Text, float[] Vector)>> _nodes = new();

    /// <summary>Wraps an encoder and owns it: <see cref="Dispose"/> disposes it.</summary>
    /// <param name="encoder">What computes the vectors.</param>
    /// <param name="capacity">Texts kept, at least 1; 1024 of 512 numbers are 2 MiB.</param>
    public CachedTextEncoder(ITextEncoder encoder, int capacity = 1024)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        (_encoder, _capacity) = (encoder, capacity);
    }

    /// <inheritdoc/>
    public string Name => _encoder.Name;

    /// <inheritdoc/>
    public int Dimension => _encoder.Dimension;

    /// <inheritdoc/>
    public float[] Encode(string text)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(text, out var node))
            {
                _recent.Remove(node);
                _recent.AddFirst(node);
                return [.. node.Value.Vector];
            }
        }

        // Outside the lock: two threads may compute the same text, but none waits for another's text.
        var vector = _encoder.Encode(text);
        lock (_lock)
        {
            if (!_nodes.ContainsKey(text))
            {
                _nodes[text] = _recent.AddFirst((text, [.. vector]));
                if (_nodes.Count > _capacity)
                {
                    _nodes.Remove(_recent.Last!.Value.Text);
                    _recent.RemoveLast();
                }
            }
        }

        return vector;
    }

    /// <inheritdoc/>
    public void Dispose() => _encoder.Dispose();
}
