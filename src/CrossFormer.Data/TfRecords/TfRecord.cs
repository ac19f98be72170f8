namespace CrossFormer.Data.TfRecords;

/// <summary>One record of a TFRecord file, its checksums verified.</summary>
/// <param name="File">The file it lies in.</param>
/// <param name="Offset">Byte offset of the record (of its length field) in the file.</param>
/// <param name="Data">The record's payload. How long it stays valid is up to the reader that gave it.</param>
public readonly record struct TfRecord(string File, long Offset, ReadOnlyMemory<byte> Data)
{
    /// <summary>Byte offset of the payload in the file.</summary>
    public long DataOffset => Offset + TfRecordReader.HeaderBytes;
}
