using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Rlds;

public class BridgeTests
{
    [Fact]
    public void Open_FindsTheDatasetBelowItsFolder()
    {
        var dataset = RldsDataset.Open(Goldens.SharedPath("data", "bridge"));
        Assert.Equal(("bridge_dataset", "1.0.0"), (dataset.Name, dataset.Version));
        Assert.Equal([("train", 25), ("val", 25)], dataset.Splits.Select(s => (s.Name, s.EpisodeCount)));
        Assert.Equal(50, dataset.EpisodeCount("all"));
    }

    [Fact]
    public void EveryEpisode_HasTenStepsOfWhatFeaturesJsonNames()
    {
        var dataset = RldsDataset.Open(Goldens.SharedPath("data", "bridge"));
        var count = 0;
        foreach (var episode in dataset.ReadEpisodes("all"))
        {
            count++;
            Assert.Equal(10, episode.StepCount);
            Assert.Equal((DType.Float32, "10,7"), Describe(episode.Steps.Array("observation/state")));
            Assert.Equal((DType.Float32, "10,7"), Describe(episode.Steps.Array("action")));
            Assert.Equal((DType.Float32, "10,512"), Describe(episode.Steps.Array("language_embedding")));
            Assert.Equal((DType.Bool, "10"), Describe(episode.Steps.Array("is_first")));
            Assert.Equal([true, .. Enumerable.Repeat(false, 9)], episode.Steps.Array("is_first").AsSpan<bool>().ToArray());
            for (var camera = 0; camera < 4; camera++)
            {
                // JPEG files begin so, whatever view they show.
                var images = episode.Steps.Images($"observation/image_{camera}");
                Assert.Equal(10, images.Count);
                Assert.All(images.Encoded, image => Assert.Equal([0xFF, 0xD8, 0xFF], image.Span[..3].ToArray()));
            }

            Assert.Single(episode.Steps.Texts("language_instruction").Distinct());
            Assert.Equal((DType.Bool, ""), Describe(episode.Metadata.Array("episode_metadata/has_language")));
            Assert.EndsWith(".npy", episode.Metadata.Texts("episode_metadata/file_path").Single());
        }

        Assert.Equal(50, count);

        static (DType, string) Describe(NdArray array) => (array.DType, string.Join(',', array.Shape));
    }

    [Fact]
    public void ReadEpisode_IsTheSameAsReadingInOrder()
    {
        var dataset = RldsDataset.Open(Goldens.SharedPath("data", "bridge"));
        var inOrder = dataset.ReadEpisodes("train").ElementAt(3);
        var direct = dataset.ReadEpisode("train", 3);
        Assert.Equal(inOrder.Record.Offset, direct.Record.Offset);
        Assert.Equal(inOrder.Record.Data.ToArray(), direct.Record.Data.ToArray());
        Assert.Equal(inOrder.Record.Offset, dataset.ReadEpisode("val+train", 28).Record.Offset);
    }
}
