using CrossFormer.Arrays;
using CrossFormer.Formats;
using CrossFormer.Images;
using CrossFormer.Testing;

namespace CrossFormer.Core.Tests.Images;

/// <summary>SkiaSharp's codec, which takes libjpeg-turbo's place where that is absent.</summary>
public class BundledJpegTests
{
    private static readonly SkiaJpegCodec Codec = new();

    [Theory, Trait(Goldens.Category, Goldens.Reference)]
    [InlineData("jpeg_420"), InlineData("jpeg_444"), InlineData("jpeg_progressive"), InlineData("jpeg_gray")]
    public void Decode_IsWithinTwelveLevelsOfTheExactCodec(string name)
    {
        var file = Goldens.Arrays("data", "images.npz")[$"file/{name}"].Bytes.Span;
        var exact = ImageCodec.Decode(file);
        var bundled = new byte[exact.Count];
        ImageCodec.DecodeInto(file, bundled, method: JpegMethod.Bundled);
        var differences = exact.AsSpan<byte>().ToArray().Zip(bundled, (a, b) => Math.Abs(a - b)).ToArray();
        Assert.InRange(differences.Max(), 0, 12);
        Assert.InRange(differences.Average(), 0, 1.5);
        Assert.Equal(ImageCodec.ReadHeader(file), Codec.ReadHeader(file, name));
    }

    [Theory]
    [InlineData(1, JpegSubsampling.Full), InlineData(3, JpegSubsampling.Full), InlineData(3, JpegSubsampling.HalfWidth), InlineData(3, JpegSubsampling.Half)]
    public void Encode_IsReadByTheExactCodecAsItsOwnFileIs(int channels, JpegSubsampling subsampling)
    {
        var image = Smooth(47, 61, channels);
        var file = Codec.Encode(image.Bytes.Span, 47, 61, channels, 90, subsampling);
        Assert.Equal(channels, ImageCodec.ReadHeader(file).Channels);
        var (own, exact) = (ImageCodec.Decode(file, channels), ImageCodec.Decode(ImageCodec.EncodeJpeg(image, 90, subsampling), channels));
        Assert.InRange(own.ToSingles().Zip(exact.ToSingles(), (a, b) => Math.Abs(a - b)).Max(), 0, 4);
    }

    [Fact]
    public void Decode_GivesGreyAndOpaqueColour()
    {
        var file = ImageCodec.EncodeJpeg(Smooth(16, 24, 3));
        byte[] rgb = new byte[16 * 24 * 3], rgba = new byte[16 * 24 * 4], grey = new byte[16 * 24];
        Codec.Decode(file, 3, 8, rgb, "image");
        Codec.Decode(file, 4, 8, rgba, "image");
        Codec.Decode(file, 1, 8, grey, "image");
        var luma = ImageCodec.Decode(file, 1).AsSpan<byte>();
        for (var i = 0; i < grey.Length; i++)
        {
            Assert.Equal([.. rgb.AsSpan(3 * i, 3), byte.MaxValue], rgba.AsSpan(4 * i, 4));
            Assert.InRange(grey[i] - luma[i], -3, 3);
        }
    }

    [Fact]
    public void Decode_RefusesWhatIsDamaged()
    {
        var file = ImageCodec.EncodeJpeg(Smooth(40, 40, 3));
        var pixels = new byte[40 * 40 * 3];
        for (var length = 0; length < file.Length - 2; length += 7)
        {
            var cut = length;
            Assert.Throws<CorruptFileException>(() => Codec.Decode(file.AsSpan(0, cut), 3, 8, pixels, "image"));
        }

        Assert.Contains("= 4800 bytes, got room for 4799", Assert.Throws<ArgumentException>(() => Codec.Decode(file, 3, 8, pixels.AsSpan(1), "image")).Message);
    }

    private static NdArray Smooth(int height, int width, int channels)
    {
        var pixels = new byte[height * width * channels];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)((2 * (i / channels % width)) + (i / channels / width) + (30 * (i % channels)));
        return NdArray.From(pixels, height, width, channels);
    }
}
