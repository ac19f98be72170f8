using System.Text;

namespace CrossFormer.Data.Rlds;

/// <summary>Texts and other strings: bytes that are UTF-8 by convention only, and may hold NUL.</summary>
public sealed class BytesColumn : RldsColumn
{
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
