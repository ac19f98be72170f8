using CrossFormer.Data.TfRecords;
using CsCheck;

namespace CrossFormer.Data.Tests.TfRecords;

public class Crc32CTests
{
    // RFC 3720, appendix B.4.
    [Fact]
    public void Compute_GivesThePublishedChecksums()
    {
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x46DD794Eu, Crc32C.Compute([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0u, Crc32C.Compute([]));
    }

    [Fact]
    public void Compute_EqualsTheDefinitionBitByBit() =>
        Gen.Byte.Array[0, 70].Sample(bytes => Assert.Equal(BitByBit(bytes), Crc32C.Compute(bytes)));

    private static uint BitByBit(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
        }

        return ~crc;
    }
}
