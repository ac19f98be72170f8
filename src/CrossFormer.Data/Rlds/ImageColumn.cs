namespace CrossFormer.Data.Rlds;

/// <summary>Images, kept encoded until asked for.</summary>
public sealed class ImageColumn : RldsColumn
{
    private readonly ReadOnlyMemory<byte>[] _encoded;
    private readonly long[] _offsets;
    private readonly string _file;

    internal ImageColumn(RldsFeature feature, string file, ReadOnlyMemory<byte>[] encoded, long[] offsets) : base(feature) =>
        (_file, _encoded, _offsets) = (file, encoded, offsets);

    /// <summary>
    /// The image files (JPEG or PNG: look at the magic bytes, features.json is no witness). They share the record's memory,
    /// so whoever keeps one of them long should copy it.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Encoded => _encoded;

    /// <inheritdoc/>
    public override int Count => _encoded.Length;
}
