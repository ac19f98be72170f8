namespace CrossFormer.Data.TfRecords;

/// <summary>Memory that records are read into one after the other. Serves one reader at a time.</summary>
internal sealed class RecordBuffer
{
    private byte[] _bytes = [];

    /// <summary>The memory, at least that long; what it held is lost.</summary>
    public byte[] AtLeast(int bytes)
    {
        // Some room to spare, so that slowly growing records do not reallocate each time.
        if (_bytes.Length < bytes)
            _bytes = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, Math.Max(4096L, bytes + (bytes / 4L))));
        return _bytes;
    }
}
