using CrossFormer.Arrays;
using CrossFormer.Images;
using CrossFormer.Testing;

namespace CrossFormer.Core.Tests.Images;

public class ScaledJpegTests
{
    [Theory]
    [InlineData(480, 640, 224, 224, 4, 240, 320), InlineData(480, 640, 241, 224, 5, 300, 400), InlineData(480, 640, 60, 80, 1, 60, 80)]
    [InlineData(224, 224, 224, 224, 8, 224, 224), InlineData(100, 100, 224, 224, 8, 100, 100), InlineData(101, 203, 51, 1, 4, 51, 102)]
    public void EighthsFor_AreTheFewestThatDoNotFallBelowTheSize(int height, int width, int targetHeight, int targetWidth, int eighths, int scaledHeight, int scaledWidth)
    {
        var header = new ImageHeader(ImageFormat.Jpeg, height, width, 3, 8);
        Assert.Equal(eighths, header.EighthsFor(targetHeight, targetWidth));
        Assert.Equal((scaledHeight, scaledWidth), (header.Scaled(eighths).Height, header.Scaled(eighths).Width));
        Assert.Equal(8, (header with { Format = ImageFormat.Png }).EighthsFor(targetHeight, targetWidth));
    }

    [Theory]
    [InlineData(JpegMethod.Exact), InlineData(JpegMethod.AccurateDct), InlineData(JpegMethod.Bundled)]
    public void DecodeInto_GivesEverySizeInEighths(JpegMethod method)
    {
        foreach (var (height, width) in new[] { (1, 1), (7, 9), (16, 8), (47, 61), (64, 64) })
        {
            // It darkens from left to right, so a scaled picture of another size would show.
            var ramp = new byte[height * width * 3];
            for (var i = 0; i < ramp.Length; i++)
                ramp[i] = (byte)(255 - (200 * (i / 3 % width) / width));
            var file = ImageCodec.EncodeJpeg(NdArray.From(ramp, height, width, 3));
            var header = ImageCodec.ReadHeader(file);
            for (var eighths = 1; eighths <= 8; eighths++)
            {
                var scaled = header.Scaled(eighths);
                var pixels = new byte[scaled.Height * scaled.Width * 3];
                ImageCodec.DecodeInto(file, pixels, 3, "image", method, eighths);
                for (var x = 0; x < scaled.Width; x++)
                    Assert.InRange(pixels[((pixels.Length / 3) - scaled.Width + x) * 3], 255 - (200 * (x + 1.5f) / scaled.Width) - 40, 255 - (200 * (x - 0.5f) / scaled.Width) + 40);
            }
        }
    }

    [Theory, Trait(Goldens.Category, Goldens.Reference)]
    [InlineData("jpeg_420"), InlineData("jpeg_444"), InlineData("jpeg_progressive"), InlineData("jpeg_gray")]
    public void HalfSize_IsNearTheResizedWhole(string name)
    {
        var file = Goldens.Arrays("data", "images.npz")[$"file/{name}"].Bytes.Span;
        var whole = ImageCodec.Decode(file);
        var half = ImageCodec.ReadHeader(file).Scaled(4);
        var pixels = new byte[half.Height * half.Width * 3];
        ImageCodec.DecodeInto(file, pixels, eighths: 4);
        var resized = LanczosResize.Resize(whole, half.Height, half.Width).AsSpan<byte>().ToArray();
        Assert.InRange(resized.Zip(pixels, (a, b) => Math.Abs(a - b)).Average(), 0, 6);
    }

    [Fact]
    public void DecodeInto_RefusesOtherScalesAndOtherFormats()
    {
        var image = Formula.Image("scaled", 8, 8, 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageCodec.DecodeInto(ImageCodec.EncodeJpeg(image), new byte[192], eighths: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageCodec.DecodeInto(ImageCodec.EncodeJpeg(image), new byte[192], eighths: 9));
        Assert.Throws<NotSupportedException>(() => ImageCodec.DecodeInto(ImageCodec.EncodePng(image), new byte[48], eighths: 4));
    }
}
