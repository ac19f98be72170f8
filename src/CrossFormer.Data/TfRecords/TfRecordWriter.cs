using System.Buffers.Binary;

namespace CrossFormer.Data.TfRecords;

/// <summary>Writes TFRecord frames, as <see cref="TfRecordReader"/> describes them. Not thread-safe.</summary>
/// <param name="stream">The destination; stays open.</param>
public sealed class TfRecordWriter(Stream stream)
{
    /// <summary>What a record costs beside its data.</summary>
    public const int OverheadBytes = TfRecordReader.HeaderBytes + TfRecordReader.FooterBytes;

    private readonly byte[] _header = new byte[TfRecordReader.HeaderBytes];
    private readonly byte[] _footer = new byte[TfRecordReader.FooterBytes];

    /// <summary>Appends a record.</summary>
    /// <param name="data">Its payload.</param>
    public void Write(ReadOnlySpan<byte> data)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_header, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(_header.AsSpan(8), MaskedCrc32C.Compute(_header.AsSpan(0, 8)));
        BinaryPrimitives.WriteUInt32LittleEndian(_footer, MaskedCrc32C.Compute(data));
        stream.Write(_header);
        stream.Write(data);
        stream.Write(_footer);
    }
}
