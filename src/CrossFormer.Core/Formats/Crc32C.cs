using System.Buffers.Binary;
using System.Numerics;

namespace CrossFormer.Formats;

/// <summary>The Castagnoli checksum (polynomial 0x1EDC6F41, reflected) of OCDBT, Zarr's shard index and TFRecord.</summary>
public static class Crc32C
{
    private static readonly uint[] Table = MakeTable();

    /// <summary>The checksum of <paramref name="data"/>, computed by the processor's instruction where it has one.</summary>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var crc = ~0u;
        for (; data.Length >= 8; data = data[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (var b in data)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    /// <summary>The plain twin of <see cref="Compute"/>: a table, byte by byte.</summary>
    internal static uint ComputePlain(ReadOnlySpan<byte> data)
    {
        var crc = ~0u;
        foreach (var b in data)
            crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
                value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ 0x82F63B78u;
            table[i] = value;
        }

        return table;
    }
}
