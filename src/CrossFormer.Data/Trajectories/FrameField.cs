using CrossFormer.Arrays;

namespace CrossFormer.Data.Trajectories;

/// <summary>A quantity that every frame of a chunked trajectory has.</summary>
/// <param name="Key">Its name, for example <c>observation/proprio_bimanual</c>.</param>
/// <param name="DType">Element type; uint8 for images.</param>
/// <param name="Shape">
/// Shape within one frame, [window, …] below <c>observation/</c>. For images the number of files: [window], or [] below <c>task/</c>.
/// </param>
public sealed record FrameField(string Key, DType DType, int[] Shape)
{
    /// <summary>Bytes of one frame's values.</summary>
    public int ByteCount { get; } = NdArray.ElementCount(Shape) * DType.Size();

    /// <inheritdoc/>
    public bool Equals(FrameField? other) => other is not null && Key == other.Key && DType == other.DType && Shape.AsSpan().SequenceEqual(other.Shape);

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{Key} {DType.NumpyName()}[{string.Join(',', Shape)}]";
}
