using CrossFormer.Arrays;
using CrossFormer.Data.Mixtures;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Trajectories;
using CrossFormer.Images;
using CrossFormer.Statistics;

namespace CrossFormer.Data.Tests.Mixtures;

/// <summary>Datasets whose every value tells episode and step: action and state are (episode, step), red and green of the image too.</summary>
internal static class SmallDataset
{
    /// <summary>Writes a dataset of <paramref name="episodes"/> episodes, the i-th of <paramref name="steps"/>(i) steps.</summary>
    public static DatasetSource Write(TemporaryFolder folder, string name, int episodes, Func<int, int> steps, int shardBytes = 4000, Func<int, int, byte[]>? image = null, string split = "train")
    {
        image ??= Image;
        var picture = RldsFeature.Image("observation/image_0", 4, 4, ImageFormat.Png);
        var (state, action, text) = (RldsFeature.Tensor("observation/state", DType.Float32, [2]), RldsFeature.Tensor("action", DType.Float32, [2]), RldsFeature.Text("language_instruction"));
        using var writer = RldsWriter.Open(folder.Path, new RldsDatasetInfo(name), [picture, state, action, text], new RldsWriteOptions { ShardBytes = shardBytes });
        for (var e = 0; e < episodes; e++)
        {
            var (episode, n) = (e, steps(e));
            var values = NdArray.From([.. Enumerable.Range(0, n).SelectMany(t => new float[] { episode, t })], n, 2);
            writer.Write(split,
            [
                new ImageColumn(picture, [.. Enumerable.Range(0, n).Select(t => (ReadOnlyMemory<byte>)image(episode, t))]),
                new ArrayColumn(state, values), new ArrayColumn(action, values), new BytesColumn(text, [.. Enumerable.Repeat($"do {episode}", n)]),
            ]);
        }

        return Source(writer.Complete());
    }

    public static DatasetSource Source(string folder) => new()
    {
        Dataset = RldsDataset.Open(folder),
        ImageKeys = new Dictionary<string, string?> { ["primary"] = "image_0", ["wrist"] = null },
        ProprioKeys = new Dictionary<string, string?> { ["arm"] = "state" },
        LanguageKey = "language_instruction",
        Normalization = Normalization.None,
        Statistics = new DatasetStatistics(new Dictionary<string, FeatureStatistics>(), 100, 10),
    };

    public static byte[] Image(int episode, int step)
    {
        var pixels = new byte[48];
        for (var i = 0; i < 16; i++)
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) = ((byte)episode, (byte)step, (byte)i);
        return ImageCodec.EncodePng(new NdArray(DType.UInt8, [4, 4, 3], pixels));
    }

    /// <summary>All of a batch, so that batches can be compared.</summary>
    public static string Content(Batch batch) => string.Join('\n',
    [
        .. batch.Names.Order().Select(n => $"{n} {batch[n]} {Convert.ToHexString(batch[n].Bytes.Span)}"),
        .. batch.TextNames.Order().Select(n => $"{n} {string.Join('|', batch.Texts(n))}"),
        string.Join(' ', batch.Origins),
    ]);
}
