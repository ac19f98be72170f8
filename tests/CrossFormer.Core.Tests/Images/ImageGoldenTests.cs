using CrossFormer.Arrays;
using CrossFormer.Images;
using CrossFormer.Testing;

namespace CrossFormer.Core.Tests.Images;

/// <summary>Every array of <c>data/images.npz</c>: what <c>tf.io.decode_image</c> and the reference's resize give.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public class ImageGoldenTests
{
    private static readonly Lazy<IReadOnlyDictionary<string, NdArray>> Arrays = new(() => Goldens.Arrays("data", "images.npz"));

    public static TheoryData<string> Files => new("jpeg_420", "jpeg_444", "jpeg_progressive", "jpeg_gray", "png_rgb", "png_rgba");

    public static TheoryData<string, int, int> Resizes => new()
    {
        { "jpeg_420", 224, 224 }, { "jpeg_420", 128, 128 }, { "jpeg_420", 64, 96 },
        { "jpeg_444", 128, 128 }, { "jpeg_444", 64, 96 },
        { "jpeg_progressive", 128, 128 }, { "jpeg_progressive", 64, 96 },
        { "png_rgb", 128, 128 }, { "png_rgb", 64, 96 },
        { "formula64", 224, 224 },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Decode_GivesTensorFlowsPixels(string file)
    {
        var expected = Arrays.Value[$"decoded/{file}"];
        var decoded = ImageCodec.Decode(Arrays.Value[$"file/{file}"].AsSpan<byte>(), channels: 0, name: file);
        AssertEqualPixels(expected, decoded.Count > 200_000 ? Strided(decoded) : decoded);
    }

    [Fact]
    public void Decode_GivesDepthIn16BitsAsUnitFloats()
    {
        var expected = Arrays.Value["decoded/png_depth16"];
        var file = Arrays.Value["file/png_depth16"].AsSpan<byte>();
        var depth = ImageCodec.Decode(file, 1, DType.Float32);
        Assert.Equal([120, 160, 1], depth.Shape);
        Assert.Equal(expected.AsSpan<float>(), depth.AsSpan<float>());
        var raw = ImageCodec.Decode(file, 1, DType.UInt16).ToSingles();
        Assert.Equal(expected.ToSingles(), raw.Select(v => v * (float)(1.0 / 65535)));
    }

    [Theory]
    [MemberData(nameof(Resizes))]
    public void Resize_GivesTheReferencesPixels(string file, int height, int width)
    {
        var image = file == "formula64"
            ? Formula.Image($"{Goldens.Prefix("data")}/small", 64, 64, 3)
            : ImageCodec.Decode(Arrays.Value[$"file/{file}"].AsSpan<byte>());
        AssertEqualPixels(Arrays.Value[$"resized/{file}/{height}x{width}"], LanczosResize.Resize(image, height, width));
    }

    [Fact]
    public void DepthResize_GivesTheReferencesDepth()
    {
        var depth = ImageCodec.Decode(Arrays.Value["file/png_depth16"].AsSpan<byte>(), 1, DType.Float32).Reshape(120, 160);
        var expected = Arrays.Value["resized/png_depth16/64x64"];
        var resized = DepthResize.Resize(depth, 64, 64);
        Assert.Equal(expected.Shape, resized.Shape);
        Assert.Equal(expected.AsSpan<float>(), resized.AsSpan<float>());
    }

    [Fact]
    public void EveryArrayOfTheFileIsTested()
    {
        var tested = Files.Select(f => f.Data).Append("png_depth16").SelectMany(f => new[] { $"file/{f}", $"decoded/{f}" })
            .Concat(Resizes.Select(r => $"resized/{r.Data.Item1}/{r.Data.Item2}x{r.Data.Item3}")).Append("resized/png_depth16/64x64");
        Assert.Equal(Arrays.Value.Keys.Order(), tested.Order());
    }

    // The goldens keep every 7th row and 5th column of large images.
    private static NdArray Strided(NdArray image)
    {
        var (h, w, c) = (image.Shape[0], image.Shape[1], image.Shape[2]);
        var pixels = image.Bytes;
        var kept = from y in Enumerable.Range(0, (h + 6) / 7)
                   from x in Enumerable.Range(0, (w + 4) / 5)
                   from k in Enumerable.Range(0, c)
                   select pixels.Span[(((y * 7 * w) + (x * 5)) * c) + k];
        return NdArray.From(kept.ToArray(), (h + 6) / 7, (w + 4) / 5, c);
    }

    private static void AssertEqualPixels(NdArray expected, NdArray actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        var (e, a) = (expected.AsSpan<byte>().ToArray(), actual.AsSpan<byte>().ToArray());
        var differing = e.Zip(a).Count(p => p.First != p.Second);
        Assert.True(differing == 0, $"{differing} of {e.Length} samples differ, by up to {e.Zip(a).Max(p => Math.Abs(p.First - p.Second))}.");
    }
}
