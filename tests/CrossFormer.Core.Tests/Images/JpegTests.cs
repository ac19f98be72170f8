using CrossFormer.Arrays;
using CrossFormer.Images;

namespace CrossFormer.Core.Tests.Images;

public class JpegTests
{
    // Smooth, so that JPEG keeps it.
    private static NdArray Gradient(int height, int width, int channels)
    {
        var pixels = from y in Enumerable.Range(0, height)
                     from x in Enumerable.Range(0, width)
                     from c in Enumerable.Range(0, channels)
                     select (byte)((2 * x) + y + (20 * c));
        return NdArray.From(pixels.ToArray(), height, width, channels);
    }

    [Theory]
    [InlineData(JpegSubsampling.Full)]
    [InlineData(JpegSubsampling.HalfWidth)]
    [InlineData(JpegSubsampling.Half)]
    public void Encode_KeepsASmoothImageWithinAFewLevels(JpegSubsampling subsampling)
    {
        var image = Gradient(47, 61, 3);
        var decoded = ImageCodec.Decode(ImageCodec.EncodeJpeg(image, 95, subsampling));
        Assert.Equal(image.Shape, decoded.Shape);
        var differences = image.ToSingles().Zip(decoded.ToSingles(), (a, b) => Math.Abs(a - b)).ToArray();
        Assert.InRange(differences.Average(), 0, 1.5);
        Assert.InRange(differences.Max(), 0, 8);
    }

    [Fact]
    public void Encode_IsSmallerAtLowerQualityAndCoarserColour()
    {
        var image = Formula.Image("noise", 64, 64, 3);
        Assert.True(ImageCodec.EncodeJpeg(image, 50).Length < ImageCodec.EncodeJpeg(image, 95).Length);
        Assert.True(ImageCodec.EncodeJpeg(image).Length < ImageCodec.EncodeJpeg(image, 95, JpegSubsampling.Full).Length);
    }

    [Fact]
    public void Decode_GivesGreyAsOneOrThreeEqualChannels()
    {
        var file = ImageCodec.EncodeJpeg(Gradient(16, 24, 1));
        Assert.Equal(new ImageHeader(ImageFormat.Jpeg, 16, 24, 1, 8), ImageCodec.ReadHeader(file));
        var grey = ImageCodec.Decode(file, 1).AsSpan<byte>().ToArray();
        Assert.Equal(grey, ImageCodec.Decode(file, 0).AsSpan<byte>().ToArray());
        Assert.Equal(grey.SelectMany(g => new[] { g, g, g }), ImageCodec.Decode(file).AsSpan<byte>().ToArray());
    }

    [Fact]
    public void Decode_ScalesEightBitsAsTensorFlowDoes()
    {
        var file = ImageCodec.EncodeJpeg(Gradient(8, 8, 3));
        var bytes = ImageCodec.Decode(file).AsSpan<byte>().ToArray();
        Assert.Equal(bytes.Select(b => (ushort)(256 * b)), ImageCodec.Decode(file, dtype: DType.UInt16).AsSpan<ushort>().ToArray());
        Assert.Equal(bytes.Select(b => b * (float)(1.0 / 255)), ImageCodec.Decode(file, dtype: DType.Float32).AsSpan<float>().ToArray());
    }

    [Fact]
    public void DecodeInto_RefusesADestinationOfAnotherSize()
    {
        var file = ImageCodec.EncodeJpeg(Gradient(8, 8, 3));
        var error = Assert.Throws<ArgumentException>(() => ImageCodec.DecodeInto(file, new byte[191]));
        Assert.Contains("8x8x3 = 192 bytes, got room for 191", error.Message);
    }

    [Fact]
    public void Decode_ToleratesStrayBytesBeforeAMarkerAsTensorFlowDoes()
    {
        var file = ImageCodec.EncodeJpeg(Gradient(16, 16, 3));
        byte[] stray = [.. file[..^2], 0, 0, .. file[^2..]];
        Assert.Equal(ImageCodec.Decode(file).AsSpan<byte>(), ImageCodec.Decode(stray).AsSpan<byte>());
    }

    [Fact]
    public void Decode_IsTheSameFromManyThreads()
    {
        var files = Enumerable.Range(0, 8).Select(i => ImageCodec.EncodeJpeg(Formula.Image($"thread{i}", 40, 56, 3))).ToArray();
        var expected = files.Select(f => ImageCodec.Decode(f).Bytes.ToArray()).ToArray();
        Parallel.For(0, 400, i => Assert.Equal(expected[i % 8], ImageCodec.Decode(files[i % 8]).Bytes.ToArray()));
    }

    [Fact]
    public void Encode_RefusesWhatJpegCannotHold()
    {
        Assert.Throws<ArgumentException>(() => ImageCodec.EncodeJpeg(Formula.Image("four", 2, 2, 4)));
        Assert.Throws<ArgumentException>(() => ImageCodec.EncodeJpeg(NdArray.Zeros(DType.UInt16, 2, 2, 3)));
        Assert.Throws<ArgumentException>(() => ImageCodec.EncodeJpeg(NdArray.Zeros(DType.UInt8, 0, 2, 3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageCodec.EncodeJpeg(Gradient(2, 2, 3), 101));
    }
}
