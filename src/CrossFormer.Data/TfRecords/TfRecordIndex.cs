using CrossFormer.Formats;

namespace CrossFormer.Data.TfRecords;

/// <summary>
/// Where each record of a TFRecord file begins. Built by reading the 12-byte headers alone, so a file of large records
/// costs a small read per record, not its size.
/// </summary>
public sealed class TfRecordIndex
{
    private readonly long[] _offsets;

    private TfRecordIndex(string path, long[] offsets) => (Path, _offsets) = (path, offsets);

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>Number of records.</summary>
    public int Count => _offsets.Length;

    /// <summary>Byte offset of record <paramref name="record"/>, counted from 0.</summary>
    public long this[int record] => _offsets[record];

    /// <summary>Walks over a file's record headers.</summary>
    /// <exception cref="CorruptFileException">A header is damaged, or the file ends inside a record.</exception>
    public static TfRecordIndex Build(string path)
    {
        using var reader = new TfRecordReader(path);
        var offsets = new List<long>();
        for (var offset = reader.Position; reader.TrySkip(); offset = reader.Position)
            offsets.Add(offset);
        return new TfRecordIndex(path, [.. offsets]);
    }
}
