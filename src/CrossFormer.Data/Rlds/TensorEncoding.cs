namespace CrossFormer.Data.Rlds;

/// <summary>How a tensor's numbers lie in the record.</summary>
public enum TensorEncoding
{
    /// <summary>As a list of numbers: integers as int64, floating point as float32 (so float64 comes back rounded).</summary>
    None,
    /// <summary>As raw little-endian bytes, full precision.</summary>
    Bytes,
    /// <summary>As raw bytes compressed with zlib.</summary>
    Zlib,
}
