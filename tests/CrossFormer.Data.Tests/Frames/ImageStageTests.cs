using System.Runtime.InteropServices;
using CrossFormer.Arrays;
using CrossFormer.Data.Frames;
using CrossFormer.Data.Trajectories;
using CrossFormer.Images;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Frames;

public class ImageStageTests
{
    private static readonly AugmentationStep[] Steps =
        [new(AugmentationKind.Box, 0.1f, 0.2f, 0.9f, 0.95f), new(AugmentationKind.Brightness, 0.07f), new(AugmentationKind.Contrast, 1.1f)];

    [Theory, Trait(Goldens.Category, Goldens.Reference)]
    [InlineData("jpeg_420", 224, 224), InlineData("jpeg_420", 64, 96), InlineData("jpeg_progressive", 128, 128), InlineData("png_rgb", 64, 96)]
    public void DecodedAndResized_IsTheReferencesWithinOneLevel(string name, int height, int width)
    {
        var golden = Goldens.Arrays("data", "images.npz");
        var expected = golden[$"resized/{name}/{height}x{width}"].AsSpan<byte>();
        var actual = new byte[expected.Length];
        new ImageStage().Color(golden[$"file/{name}"].Bytes.Span, name, new ImageSize(height, width), [], actual);
        for (var i = 0; i < actual.Length; i++)
            Assert.InRange(actual[i] - expected[i], -1, 1);
    }

    [Fact, Trait(Goldens.Category, Goldens.Reference)]
    public void Depth_IsTheReferences()
    {
        var golden = Goldens.Arrays("data", "images.npz");
        var expected = golden["resized/png_depth16/64x64"].ToSingles();
        var actual = new float[expected.Length];
        new ImageStage().Depth(golden["file/png_depth16"].Bytes.Span, "depth", new ImageSize(64, 64), MemoryMarshal.AsBytes(actual.AsSpan()));
        for (var i = 0; i < actual.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-6f);
    }

    [Theory]
    [InlineData(20, 30, 20, 30, false), InlineData(20, 30, 20, 30, true), InlineData(20, 30, 16, 8, false), InlineData(20, 30, 16, 8, true)]
    public void Color_IsDecodeThenResizeThenAugment(int height, int width, int newHeight, int newWidth, bool augmented)
    {
        var image = Formula.Image("stage", height, width, 3);
        var steps = augmented ? Steps : [];
        var resized = LanczosResize.Resize(image, newHeight, newWidth).Bytes.ToArray();
        byte[] expected = new byte[resized.Length], actual = new byte[resized.Length];
        new ImageAugmenter().Apply(resized, newHeight, newWidth, steps, expected);
        new ImageStage().Color(ImageCodec.EncodePng(image), "image", new ImageSize(newHeight, newWidth), steps, actual);
        Assert.Equal(expected, actual);
    }

    [Fact, Trait(Goldens.Category, Goldens.Reference)]
    public void ScaledDecoding_IsOffByDefault_AndNearTheExactImageWhereItIsOn()
    {
        var file = Goldens.Arrays("data", "images.npz")["file/jpeg_420"].Bytes.Span;
        var (height, width) = (ImageCodec.ReadHeader(file).Height * 2 / 5, ImageCodec.ReadHeader(file).Width * 2 / 5);
        byte[] whole = LanczosResize.Resize(ImageCodec.Decode(file), height, width).Bytes.ToArray(), exact = new byte[whole.Length], scaled = new byte[whole.Length];
        new ImageStage().Color(file, "image", new ImageSize(height, width), [], exact);
        new ImageStage(scaledDecoding: true).Color(file, "image", new ImageSize(height, width), [], scaled);
        Assert.False(new FrameOptions().ScaledDecoding);
        Assert.Equal(whole, exact);
        Assert.NotEqual(exact, scaled);
        Assert.InRange(exact.Zip(scaled, (a, b) => Math.Abs(a - b)).Average(), 0, 6);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void ScaledDecoding_LeavesPngAndFilesThatAreNotLargerAsTheyAre(bool jpeg)
    {
        var image = Formula.Image("stage", 20, 30, 3);
        var file = jpeg ? ImageCodec.EncodeJpeg(image) : ImageCodec.EncodePng(image);
        var size = jpeg ? new ImageSize(20, 32) : new ImageSize(5, 5);
        byte[] exact = new byte[size.Height * size.Width * 3], scaled = new byte[exact.Length];
        new ImageStage().Color(file, "image", size, [], exact);
        new ImageStage(scaledDecoding: true).Color(file, "image", size, [], scaled);
        Assert.Equal(exact, scaled);
    }

    [Fact]
    public void Dropout_BlanksEachCameraAsOftenAsSaid_ButNeverAll()
    {
        const int n = 20_000;
        var (kept, three) = (new int[3], 0);
        for (var i = 0; i < n; i++)
        {
            bool[] present = [true, false, true];
            ImageDropout.Apply(present, 0.4, -1, new RandomStream((ulong)i));
            Assert.Contains(true, present);
            Assert.False(present[1]);
            for (var c = 0; c < 3; c++)
                kept[c] += present[c] ? 1 : 0;
            three += present[0] && present[2] ? 1 : 0;
        }

        // One of two stays for sure, the other with 0.6: each stays with 0.8, both with 0.6. Five standard deviations.
        Assert.InRange(kept[0] / (double)n, 0.8 - 0.015, 0.8 + 0.015);
        Assert.InRange(kept[2] / (double)n, 0.8 - 0.015, 0.8 + 0.015);
        Assert.InRange(three / (double)n, 0.6 - 0.018, 0.6 + 0.018);
    }

    [Fact]
    public void Dropout_LeavesTheCameraThatIsToStay()
    {
        for (var i = 0; i < 100; i++)
        {
            bool[] present = [true, true, true];
            ImageDropout.Apply(present, 1, 1, new RandomStream((ulong)i));
            Assert.Equal([false, true, false], present);
        }
    }
}
