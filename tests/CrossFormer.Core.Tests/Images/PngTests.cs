using CrossFormer.Arrays;
using CrossFormer.Formats;
using CrossFormer.Images;
using CsCheck;

namespace CrossFormer.Core.Tests.Images;

public class PngTests
{
    [Fact]
    public void Decode_UndoesEncode()
    {
        var images = from h in Gen.Int[1, 20]
                     from w in Gen.Int[1, 20]
                     from c in Gen.Int[1, 4]
                     from size in Gen.Int[1, 2]
                     from smooth in Gen.Bool
                     from bytes in Gen.Byte.Array[h * w * c * size]
                     select new NdArray(size == 1 ? DType.UInt8 : DType.UInt16, [h, w, c], smooth ? bytes.Select((b, i) => (byte)(i + (b & 3))).ToArray() : bytes);
        images.Sample(image =>
        {
            var decoded = ImageCodec.Decode(ImageCodec.EncodePng(image), channels: 0, dtype: image.DType);
            Assert.Equal(image.Shape, decoded.Shape);
            Assert.Equal(image.Bytes.Span, decoded.Bytes.Span);
        });
    }

    [Theory]
    [InlineData(1, new byte[] { 0b1010_0000 }, new byte[] { 255, 0, 255 })]
    [InlineData(2, new byte[] { 0b0001_1000 }, new byte[] { 0, 85, 170 })]
    [InlineData(4, new byte[] { 0x1F, 0x80 }, new byte[] { 17, 255, 136 })]
    public void Decode_SpreadsLowDepthsOverTheWholeByte(byte depth, byte[] row, byte[] expected)
    {
        var file = new PngBuilder(3, 1, depth, 0).Data([0, .. row]).Build();
        Assert.Equal(expected, ImageCodec.Decode(file, 1).AsSpan<byte>().ToArray());
    }

    [Fact]
    public void Decode_LooksUpThePaletteAndItsTransparency()
    {
        var file = new PngBuilder(4, 1, 2, 3).Chunk("PLTE", 1, 2, 3, 4, 5, 6, 7, 8, 9).Chunk("tRNS", 200, 100).Data(0, 0b00_01_10_11).Build();
        Assert.Equal(4, ImageCodec.ReadHeader(file).Channels);
        Assert.Equal([1, 2, 3, 200, 4, 5, 6, 100, 7, 8, 9, 255, 0, 0, 0, 255], ImageCodec.Decode(file, 0).AsSpan<byte>().ToArray());
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0], ImageCodec.Decode(file).AsSpan<byte>().ToArray());
    }

    [Fact]
    public void Decode_CutsSixteenBitsToTheHighByteAndRepeatsEightToSixteen()
    {
        var deep = new PngBuilder(2, 1, 16, 0).Data(0, 0x12, 0xFF, 0xAB, 0x00).Build();
        Assert.Equal([0x12, 0xAB], ImageCodec.Decode(deep, 1).AsSpan<byte>().ToArray());
        Assert.Equal([0x12FF, 0xAB00], ImageCodec.Decode(deep, 1, DType.UInt16).AsSpan<ushort>().ToArray());
        var shallow = new PngBuilder(2, 1, 8, 0).Data(0, 0x12, 0xAB).Build();
        Assert.Equal([0x1212, 0xABAB], ImageCodec.Decode(shallow, 1, DType.UInt16).AsSpan<ushort>().ToArray());
    }

    [Fact]
    public void Decode_ReplicatesGreyAndDropsOrMakesAlpha()
    {
        var file = new PngBuilder(2, 1, 8, 4).Data(0, 10, 99, 20, 98).Build();
        Assert.Equal([10, 10, 10, 20, 20, 20], ImageCodec.Decode(file).AsSpan<byte>().ToArray());
        Assert.Equal([10, 20], ImageCodec.Decode(file, 1).AsSpan<byte>().ToArray());
        Assert.Equal([10, 99, 20, 98], ImageCodec.Decode(file, 0).AsSpan<byte>().ToArray());
        var keyed = new PngBuilder(2, 1, 8, 0).Chunk("tRNS", 0, 20).Data(0, 10, 20).Build();
        Assert.Equal([10, 10, 10, 255, 20, 20, 20, 0], ImageCodec.Decode(keyed, 4).AsSpan<byte>().ToArray());
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(5, 3)]
    [InlineData(1, 9)]
    [InlineData(13, 1)]
    public void Decode_WeavesInterlacedPasses(int width, int height)
    {
        var rows = new List<byte>();
        foreach (var (x0, y0, dx, dy) in new[] { (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2) })
        {
            for (var y = y0; y < height && x0 < width; y += dy)
            {
                rows.Add(0);
                for (var x = x0; x < width; x += dx)
                    rows.AddRange([(byte)x, (byte)y, (byte)(x ^ y)]);
            }
        }

        var decoded = ImageCodec.Decode(new PngBuilder(width, height, 8, 2, interlace: 1).Data([.. rows]).Build());
        var expected = from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) from v in new[] { x, y, x ^ y } select (byte)v;
        Assert.Equal(expected, decoded.AsSpan<byte>().ToArray());
    }

    [Fact]
    public void Decode_UndoesEveryFilter()
    {
        // Two pixels of grey in five rows, each filtered another way; every one decodes to 10, 13.
        var file = new PngBuilder(2, 5, 8, 0).Data(0, 10, 13, 1, 10, 3, 2, 0, 0, 3, 5, 2, 4, 0, 0).Build();
        Assert.Equal([10, 13, 10, 13, 10, 13, 10, 13, 10, 13], ImageCodec.Decode(file, 1).AsSpan<byte>().ToArray());
    }

    [Fact]
    public void Decode_RefusesColourAskedForInGrey() =>
        Assert.Throws<NotSupportedException>(() => ImageCodec.Decode(ImageCodec.EncodePng(Formula.Image("png", 2, 2, 3)), 1));

    public static TheoryData<string, byte[]> Malformed => new()
    {
        { "size of zero", new PngBuilder(0, 1, 8, 0).Data(0).Build() },
        { "at most", new PngBuilder(100_000, 100_000, 8, 2).Data(0).Build() },
        { "compressed bytes can hold", new PngBuilder(8000, 8000, 8, 2).Data(0).Build() },
        { "ends in row 1", new PngBuilder(1, 3, 8, 0).Data(0, 7).Build() },
        { "more rows", new PngBuilder(1, 1, 8, 0).Data(0, 7, 0, 7).Build() },
        { "filter 5", new PngBuilder(1, 1, 8, 0).Data(5, 7).Build() },
        { "colour type 1", new PngBuilder(1, 1, 8, 1).Data(0, 7).Build() },
        { "depth 3", new PngBuilder(1, 1, 3, 0).Data(0, 7).Build() },
        { "without a palette", new PngBuilder(1, 1, 8, 3).Data(0, 7).Build() },
        { "a palette of 4", new PngBuilder(1, 1, 8, 3).Chunk("PLTE", 1, 2, 3, 4).Data(0, 7).Build() },
        { "tRNS", new PngBuilder(1, 1, 8, 2).Chunk("tRNS", 1).Data(0, 7, 7, 7).Build() },
        { "critical", new PngBuilder(1, 1, 8, 0).Chunk("ABCD").Data(0, 7).Build() },
        { "second IHDR", new PngBuilder(1, 1, 8, 0).Chunk("IHDR", new byte[13]).Data(0, 7).Build() },
        { "damaged", new PngBuilder(1, 1, 8, 0).Chunk("IDAT", 1, 2, 3, 4).Build() },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Decode_NamesWhatIsWrong(string expected, byte[] file)
    {
        var error = Assert.Throws<CorruptFileException>(() => ImageCodec.Decode(file, name: "frame 7"));
        Assert.Equal("frame 7", error.File);
        if (expected != "size of zero")
            Assert.Contains(expected, error.Message);
        else
            Assert.Contains("1x0", error.Message);
    }
}
