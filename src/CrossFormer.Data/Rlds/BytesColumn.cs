using System.Text;

namespace CrossFormer.Data.Rlds;

/// <summary>Texts and other strings: bytes that are UTF-8 by convention only, and may hold NUL.</summary>
public sealed class BytesColumn : RldsColumn
{
    /// <summary>Wraps texts that are to be written, one a step or entry.</summary>
    /// <param name="feature">A feature of texts or of single strings.</param>
    /// <param name="texts">Written as UTF-8. A feature of the episode that is no sequence has one.</param>
    /// <exception cref="ArgumentException">The feature holds no strings, or tensors of them.</exception>
    public BytesColumn(RldsFeature feature, IReadOnlyCollection<string> texts)
        : this(feature, [.. texts.Select(t => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(t))], feature.PerStep || feature.SequenceLengths.Count > 0 ? [texts.Count] : [])
    {
        if (feature.DType is not null || feature.Shape.Count > 0)
            throw new ArgumentException($"'{feature.Key}': expected {feature}, got texts.", nameof(feature));
        if (Shape.Length == 0 && texts.Count != 1)
            throw new ArgumentException($"'{feature.Key}': expected one text for the episode, got {texts.Count}.", nameof(texts));
    }

    internal BytesColumn(RldsFeature feature, ReadOnlyMemory<byte>[] values, int[] shape) : base(feature) => (Values, Shape) = (values, shape);

    /// <summary>The strings in C order. They share the record's memory.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Values { get; }

    /// <summary>[steps] for a text per step, [steps, …shape] for a tensor of strings; without steps for a feature of the episode.</summary>
    public int[] Shape { get; }

    /// <inheritdoc/>
    public override int Count => Values.Count;

    /// <summary>String <paramref name="index"/> as text; bytes that are not UTF-8 become U+FFFD.</summary>
    public string Text(int index) => Encoding.UTF8.GetString(Values[index].Span);
}
