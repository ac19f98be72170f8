using System.Xml.Linq;
using CrossFormer.Arrays;
using CrossFormer.Formats;
using CrossFormer.Images;

namespace CrossFormer.Reports.Tests;

public class FilmstripSectionTests
{
    [Fact]
    public void SmallFrames_AreEmbeddedAsTheyAre()
    {
        var png = ImageCodec.EncodePng(Formula.Image("png", 12, 20, 3));
        var jpeg = ImageCodec.EncodeJpeg(Formula.Image("jpeg", 16, 16, 3));
        var images = Page.Of(new FilmstripSection([new(png, "step 0"), new(jpeg, "step 1")])).Descendants("img").ToArray();
        Assert.Equal(("image/png", png), Data(images[0]), Same);
        Assert.Equal(("image/jpeg", jpeg), Data(images[1]), Same);
        Assert.Equal(("20", "12", "step 0"), ((string)images[0].Attribute("width")!, (string)images[0].Attribute("height")!, (string)images[0].Attribute("alt")!));
    }

    [Theory]
    [InlineData(600, 800, 192, 256)]
    [InlineData(800, 200, 256, 64)]
    [InlineData(2, 2000, 1, 256)]
    public void LargeFrames_AreScaledDownInProportion(int height, int width, int expectedHeight, int expectedWidth)
    {
        var image = Page.Of(new FilmstripSection([new(ImageCodec.EncodePng(Formula.Image("large", height, width, 3)), "large")])).Descendants("img").Single();
        var (type, data) = Data(image);
        var header = ImageCodec.ReadHeader(data);
        Assert.Equal(("image/jpeg", expectedHeight, expectedWidth), (type, header.Height, header.Width));
        Assert.Equal((expectedHeight, expectedWidth), ((int)image.Attribute("height")!, (int)image.Attribute("width")!));
    }

    [Theory]
    [InlineData(100, 16)]
    [InlineData(17, 16)]
    [InlineData(16, 16)]
    [InlineData(1, 1)]
    [InlineData(0, 0)]
    public void OfManyFrames_EvenlySpacedOnesAreShownTheEndsAlways(int frames, int shown)
    {
        var png = ImageCodec.EncodePng(Formula.Image("png", 4, 4, 3));
        var page = Page.Of(new FilmstripSection([.. Enumerable.Range(0, frames).Select(i => new FilmFrame(png, $"{i}"))]));
        var captions = page.Descendants("figcaption").Select(c => int.Parse(c.Value)).ToArray();
        Assert.Equal(shown, captions.Length);
        Assert.Equal(captions.Distinct().Order(), captions);
        if (frames > 0)
            Assert.Equal((0, frames - 1), (captions[0], captions[^1]));
        Assert.Equal(frames > shown ? [$"{shown} of {frames} frames, evenly spaced."] : [], page.Class("p", "note").Select(n => n.Value));
    }

    [Fact]
    public void ABrokenFrame_IsNamedByItsCaption() =>
        Assert.Contains("step 7", Assert.Throws<CorruptFileException>(() => Page.Of(new FilmstripSection([new(new byte[] { 1, 2, 3 }, "step 7")]))).Message);

    private static (string Type, byte[] Data) Data(XElement image)
    {
        var parts = ((string)image.Attribute("src")!).Split(':', ';', ',');
        Assert.Equal("base64", parts[2]);
        return (parts[1], Convert.FromBase64String(parts[3]));
    }

    private static bool Same((string Type, byte[] Data) a, (string Type, byte[] Data) b) => a.Type == b.Type && a.Data.SequenceEqual(b.Data);
}
