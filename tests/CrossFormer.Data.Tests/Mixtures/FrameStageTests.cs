using CrossFormer.Data.Frames;
using CrossFormer.Data.Mixtures;
using CrossFormer.Data.Trajectories;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Mixtures;

public class FrameStageTests
{
    private const int ImageBytes = 48;

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<Augmentation>> Augmented =
        new Dictionary<string, IReadOnlyList<Augmentation>> { ["primary"] = FrameOptions.WorkspaceAugmentations };

    private static LoaderOptions Options(FrameOptions frames) => new()
    {
        BatchSize = 64,
        Split = "train",
        Frames = frames with { Size = new ImageSize(4, 4) },
        Trajectories = new TrajectoryOptions { Chunks = new ChunkOptions { Window = 3 }, RelabelGoals = true },
    };

    // Two cameras that are there and one that is not.
    private static DatasetSource Write(TemporaryFolder folder) => SmallDataset.Write(folder, "small", 6, _ => 6) with
    {
        ImageKeys = new Dictionary<string, string?> { ["primary"] = "image_0", ["wrist"] = "image_0", ["nav"] = null },
    };

    private static byte[] Image(Batch batch, string name, int sample, int window = 0)
    {
        var count = name.StartsWith("observation", StringComparison.Ordinal) ? batch[name].Shape[1] : 1;
        return batch[name].Bytes.Span.Slice(((sample * count) + window) * ImageBytes, ImageBytes).ToArray();
    }

    [Fact]
    public void OneDraw_ChangesAllImagesOfACamera_TheGoalToo()
    {
        using var folder = new TemporaryFolder();
        var source = Write(folder);
        using var loader = new BatchLoader(source, Options(new FrameOptions { Augmentations = Augmented }));
        using var plain = new BatchLoader(source, Options(new FrameOptions()));
        using var batch = loader.Read(TestContext.Current.CancellationToken)!;
        using var unchanged = plain.Read(TestContext.Current.CancellationToken)!;
        var (same, changed) = (0, 0);
        for (var b = 0; b < batch.Count; b++)
        {
            // The camera without augmentations, and the one that is not there, stay as they are.
            Assert.Equal(Image(unchanged, "observation/image_wrist", b, 2), Image(batch, "observation/image_wrist", b, 2));
            Assert.All(Image(batch, "observation/image_nav", b), v => Assert.Equal(0, v));
            changed += Image(unchanged, "observation/image_primary", b, 2).SequenceEqual(Image(batch, "observation/image_primary", b, 2)) ? 0 : 1;
            for (var w = 0; w < 3; w++)
            {
                if (!Image(unchanged, "observation/image_primary", b, w).SequenceEqual(Image(unchanged, "task/image_primary", b)))
                    continue;
                Assert.Equal(Image(batch, "task/image_primary", b), Image(batch, "observation/image_primary", b, w));
                same++;
            }
        }

        Assert.True(same > 0 && changed > 32, $"{same} goals were the present, {changed} images were changed");
    }

    [Fact]
    public void Dropout_HoldsForTheWholeSample_AndBlanksWhatItMasks()
    {
        using var folder = new TemporaryFolder();
        using var loader = new BatchLoader(Write(folder), Options(new FrameOptions { ImageDropout = 0.5 }));
        using var batch = loader.Read(TestContext.Current.CancellationToken)!;
        var dropped = new Dictionary<string, int> { ["primary"] = 0, ["wrist"] = 0, ["nav"] = 0 };
        for (var b = 0; b < batch.Count; b++)
        {
            foreach (var camera in dropped.Keys)
            {
                var present = batch[$"task/pad_mask_dict/image_{camera}"].AsSpan<bool>()[b];
                dropped[camera] += present ? 0 : 1;
                Assert.Equal(present, Image(batch, $"task/image_{camera}", b).Any(v => v != 0));
                for (var w = 0; w < 3; w++)
                {
                    Assert.Equal(present, batch[$"observation/pad_mask_dict/image_{camera}"].AsSpan<bool>()[(b * 3) + w]);
                    Assert.Equal(present, Image(batch, $"observation/image_{camera}", b, w).Any(v => v != 0));
                }
            }
        }

        Assert.Equal(64, dropped["nav"]);
        Assert.InRange(dropped["primary"], 1, 40);
        Assert.InRange(dropped["wrist"], 1, 40);
    }

    [Fact]
    public void DropoutThatIsToKeepAnUnknownCamera_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using var loader = new BatchLoader(Write(folder), Options(new FrameOptions { ImageDropout = 0.5, DropoutKeeps = "high" }));
        Assert.Contains("'high'; there are nav, primary, wrist", Assert.Throws<ArgumentException>(() => loader.Read(TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void Validation_ChangesNothing()
    {
        using var folder = new TemporaryFolder();
        var source = Write(folder);
        var frames = new FrameOptions { Augmentations = Augmented, ImageDropout = 0.9 };
        using var loader = new BatchLoader(source, Options(frames).ForValidation());
        using var plain = new BatchLoader(source, Options(new FrameOptions()).ForValidation());
        Assert.Equal(SmallDataset.Content(plain.Read(TestContext.Current.CancellationToken)!), SmallDataset.Content(loader.Read(TestContext.Current.CancellationToken)!));
    }

    [Fact]
    public void RealEpisodes_ComeThroughTheWholeLoader()
    {
        var sources = Data.OpenX.OpenXSources.Open("bridge_dataset", Goldens.SharedPath("data", "bridge"));
        Assert.Equal("bridge_dataset", sources[0].Source.Name);
        using var loader = new BatchLoader(sources, LoaderOptions.Pretraining with { BatchSize = 4 });
        using var batch = loader.Read(TestContext.Current.CancellationToken)!;
        Assert.Equal([4, 5, 224, 224, 3], batch["observation/image_primary"].Shape);
        Assert.Equal([4, 5, 100, 14], batch["action"].Shape);
        Assert.Equal([4, 5, 14], batch["observation/proprio_bimanual"].Shape);
        Assert.Equal([true, true, true, true], batch["action_head_masks/single_arm"].AsSpan<bool>().ToArray());
        Assert.Equal(4, batch.Texts("dataset_name").Count(n => n == "bridge_dataset"));
    }
}
