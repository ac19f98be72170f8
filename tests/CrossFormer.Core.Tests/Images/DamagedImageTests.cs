using CrossFormer.Arrays;
using CrossFormer.Formats;
using CrossFormer.Images;
using CsCheck;

namespace CrossFormer.Core.Tests.Images;

public class DamagedImageTests
{
    private static readonly byte[] Jpeg = ImageCodec.EncodeJpeg(Formula.Image("damaged", 24, 32, 3));
    private static readonly byte[] Png = ImageCodec.EncodePng(Formula.Image("damaged", 24, 32, 3));

    [Fact]
    public void Decode_RefusesAFileTruncatedAtAnyByte()
    {
        foreach (var file in new[] { Jpeg, Png })
        {
            for (var length = 0; length < file.Length; length++)
                Assert.Throws<CorruptFileException>(() => ImageCodec.Decode(file.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Decode_SurvivesFlippedBits()
    {
        var flips = from jpeg in Gen.Bool
                    from bits in Gen.Int[0, (8 * Math.Min(Jpeg.Length, Png.Length)) - 1].Array[1, 4]
                    select (jpeg, bits);
        flips.Sample(
            flip =>
            {
                byte[] file = [.. flip.jpeg ? Jpeg : Png];
                foreach (var bit in flip.bits)
                    file[bit / 8] ^= (byte)(1 << (bit % 8));
                try
                {
                    var decoded = ImageCodec.Decode(file);
                    // A PNG's every byte is under a checksum; a JPEG's pixels are not.
                    Assert.True(flip.jpeg || flip.bits.GroupBy(b => b).All(g => g.Count() % 2 == 0));
                    Assert.Equal(3, decoded.Shape[2]);
                }
                catch (Exception e) when (e is CorruptFileException or NotSupportedException)
                {
                }
            },
            iter: 5000);
    }

    [Fact]
    public void Decode_AllocatesNothingForALyingHeader()
    {
        byte[] lying = [.. Jpeg];
        var frame = lying.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]) + 5;
        (lying[frame], lying[frame + 1], lying[frame + 2], lying[frame + 3]) = (0x1F, 0x40, 0x1F, 0x40);
        var files = new[] { lying, new PngBuilder(8000, 8000, 8, 2).Data(0).Build() };
        foreach (var file in files)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var error = Assert.Throws<CorruptFileException>(() => ImageCodec.Decode(file));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
            Assert.Contains("8000x8000 pixels", error.Message);
            Assert.Contains("can hold", error.Message);
        }
    }

    [Fact]
    public void Decode_OfASoundFrameAfterADamagedOne_GivesTheSamePixels()
    {
        var expected = ImageCodec.Decode(Jpeg).Bytes.ToArray();
        for (var i = 2; i < Jpeg.Length; i += 7)
        {
            byte[] damaged = [.. Jpeg];
            damaged[i] ^= 0xA5;
            try
            {
                ImageCodec.Decode(damaged);
            }
            catch (CorruptFileException)
            {
                // What the damage does is another test's matter.
            }

            Assert.Equal(expected, ImageCodec.Decode(Jpeg).Bytes.ToArray());
        }
    }

    [Fact]
    public void Decode_RefusesMoreThanTheLargestSize()
    {
        byte[] lying = [.. Jpeg];
        var frame = lying.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]) + 5;
        // 65500x65500, the most that libjpeg itself reads.
        (lying[frame], lying[frame + 1], lying[frame + 2], lying[frame + 3]) = (0xFF, 0xDC, 0xFF, 0xDC);
        Assert.Contains("at most", Assert.Throws<CorruptFileException>(() => ImageCodec.Decode(lying)).Message);
    }

    [Theory]
    [InlineData("", "found no bytes")]
    [InlineData("GIF89a......", "found 4749463839612E2E")]
    public void Decode_SaysWhatItFoundInstead(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<CorruptFileException>(() => ImageCodec.Decode(System.Text.Encoding.ASCII.GetBytes(text))).Message);
}
