using System.Buffers.Binary;
using System.Numerics;

namespace CrossFormer.Data.TfRecords;

/// <summary>CRC-32C (Castagnoli), and the masked form that TFRecord files store.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of <paramref name="data"/>; "123456789" gives 0xE3069283.</summary>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        // BitOperations.Crc32C is one instruction on x64 (SSE4.2) and ARM64, and a table elsewhere.
        var crc = uint.MaxValue;
        for (; data.Length >= 8; data = data[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (var b in data)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    /// <summary>
    /// The checksum as TFRecord stores it: rotated right by 15 and offset, because the checksum of data that contains its
    /// own checksum is degenerate.
    /// </summary>
    public static uint Masked(ReadOnlySpan<byte> data) => BitOperations.RotateRight(Compute(data), 15) + 0xA282EAD8u;
}
