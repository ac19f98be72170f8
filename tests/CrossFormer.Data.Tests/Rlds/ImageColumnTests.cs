using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Formats;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Rlds;

[Trait(Goldens.Category, Goldens.Reference)]
public class ImageColumnTests
{
    [Theory]
    [InlineData("train")]
    [InlineData("val")]
    public void EveryImage_DecodesToThePixelsOfTfds(string split)
    {
        var dataset = RldsDataset.Open(Goldens.File("rlds", "kinds"));
        var expected = ExpectedValues.Read(Goldens.File("rlds", $"expected_{split}.npz")).Arrays;
        var (number, images, wrong) = (0, 0, new List<string>());
        foreach (var episode in dataset.ReadEpisodes(split))
        {
            foreach (var feature in dataset.Features.Where(f => f.Kind == RldsFeatureKind.Image))
            {
                var column = (feature.PerStep ? episode.Steps : episode.Metadata)[feature.Name];
                var frames = (ImageColumn)(column is RaggedColumn ragged ? ragged.Values : column);
                var decoded = Enumerable.Range(0, frames.Count).Select(frames.Decode).ToArray();
                var key = $"{number}/{feature.Key}";
                if (!decoded.SelectMany(d => d.Bytes.ToArray()).SequenceEqual(Pixels(key).Bytes.ToArray()) ||
                    decoded.Any(d => d.DType != Pixels(key).DType) ||
                    !decoded.Select(d => string.Join(',', d.Shape)).SequenceEqual(Shapes(key, decoded.Length)))
                    wrong.Add(key);
                images += decoded.Length;
            }

            number++;
        }

        Assert.Empty(wrong);
        Assert.True(images > 0);

        NdArray Pixels(string key) => expected.TryGetValue(key, out var fixedSize) ? fixedSize : expected[$"{key}/values"];

        // Every value's own shape where it varies; else that of the stack without its first dimension.
        IEnumerable<string> Shapes(string key, int count) => expected.TryGetValue($"{key}/shapes", out var shapes)
            ? shapes.AsSpan<long>().ToArray().Chunk(3).Select(s => string.Join(',', s))
            : Enumerable.Repeat(string.Join(',', Pixels(key).Shape[^3..]), count);
    }

    [Fact]
    public void ABrokenImage_IsAnErrorAtItsPlaceOnlyWhenItIsDecoded()
    {
        var expected = Goldens.Json("rlds", "damaged.json")["broken_image"]!;
        var damaged = RldsDataset.Open(Goldens.File("rlds", "damaged", "broken_image")).ReadEpisodes("train").ToArray();
        Assert.Equal(13, damaged.Length);
        var before = expected["tfds"]!["episodes"]!.GetValue<int>();
        Assert.All(damaged.Take(before), e => Assert.Equal(e.StepCount, Enumerable.Range(0, e.StepCount).Select(e.Steps.Images("image").Decode).Count()));

        var record = damaged[before];
        var images = record.Steps.Images("image");
        var error = Assert.Throws<CorruptFileException>(() => images.Decode(0));
        Assert.Equal(expected["file"]!.GetValue<string>(), Path.GetFileName(error.File));
        Assert.InRange(error.Offset, expected["offset"]!.GetValue<long>(), expected["offset"]!.GetValue<long>() + record.Record.Data.Length);
        Assert.Contains("image 0 of 'steps/image'", error.Message);
        // The offset leads to the image's own bytes in the shard.
        Assert.Equal(0x89, File.ReadAllBytes(error.File)[error.Offset - ((CorruptFileException)error.InnerException!).Offset]);
    }
}
