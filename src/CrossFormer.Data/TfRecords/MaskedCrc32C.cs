using System.Numerics;
using CrossFormer.Formats;

namespace CrossFormer.Data.TfRecords;

/// <summary>
/// The checksum as TFRecord stores it: CRC-32C rotated right by 15 and offset, because the checksum of data that holds its
/// own checksum is degenerate. Source: tensorflow/tsl/lib/hash/crc32c.h.
/// </summary>
internal static class MaskedCrc32C
{
    public static uint Compute(ReadOnlySpan<byte> data) => BitOperations.RotateRight(Crc32C.Compute(data), 15) + 0xA282EAD8u;
}
