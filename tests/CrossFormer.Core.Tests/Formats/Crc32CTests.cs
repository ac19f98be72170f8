using System.Text;
using CrossFormer.Formats;
using CsCheck;

namespace CrossFormer.Core.Tests.Formats;

public class Crc32CTests
{
    [Fact]
    public void Compute_GivesTheValuesOfRfc3720()
    {
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Compute(Enumerable.Repeat((byte)0xff, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Crc32C.Compute(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()));
        Assert.Equal(0xE3069283u, Crc32C.Compute(Encoding.ASCII.GetBytes("123456789")));
    }

    [Fact]
    public void Compute_EqualsItsPlainTwin() =>
        Gen.Byte.Array[0, 200].Sample(bytes => Crc32C.Compute(bytes) == Crc32C.ComputePlain(bytes));

    [Fact]
    public void Compute_NoticesEveryChangedBit() =>
        Gen.Byte.Array[1, 100].SelectMany(bytes => Gen.Int[0, bytes.Length * 8 - 1].Select(bit => (bytes, bit))).Sample((bytes, bit) =>
        {
            var crc = Crc32C.Compute(bytes);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            return Crc32C.Compute(bytes) != crc;
        });
}
