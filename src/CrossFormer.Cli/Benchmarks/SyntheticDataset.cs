using System.Buffers.Binary;
using CrossFormer.Arrays;
using CrossFormer.Data.OpenX;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.Trajectories;
using CrossFormer.Images;
using CrossFormer.Statistics;

namespace CrossFormer.Cli.Benchmarks;

/// <summary>
/// A dataset of the shapes that a configuration says, in standard form already: the robot's cameras, proprioceptions and actions.
/// Image files are as large as real ones but decode to 16x16 pixels, so that memory can be measured without waiting for the
/// decoder.
/// </summary>
internal static class SyntheticDataset
{
    /// <summary>Writes the dataset and describes it.</summary>
    /// <param name="folder">The folder of datasets.</param>
    /// <param name="specification">Whose shapes.</param>
    /// <param name="episodes">How many.</param>
    /// <param name="steps">Of each.</param>
    /// <param name="imageBytes">Size of an image file, up to about 64 kB.</param>
    public static DatasetSource Write(string folder, DatasetSpecification specification, int episodes, int steps, int imageBytes)
    {
        var cameras = specification.Images.Where(i => i.Source is not null).Select(i => RldsFeature.Image($"observation/{i.View}", 16, 16, ImageFormat.Jpeg)).ToArray();
        var proprioceptions = specification.Proprioception.Where(p => p.Source is not null).Select(p => RldsFeature.Tensor($"observation/{p.Name}", DType.Float32, [Width(p)])).ToArray();
        var (action, text) = (RldsFeature.Tensor("action", DType.Float32, [specification.ActionMask.Count]), RldsFeature.Text("language_instruction"));
        var file = Padded(ImageCodec.EncodeJpeg(Formula.Image(specification.Name, 16, 16, 3)), imageBytes);
        var files = Enumerable.Repeat((ReadOnlyMemory<byte>)file, steps).ToArray();
        using var writer = RldsWriter.Open(folder, new RldsDatasetInfo(specification.Name), [.. cameras, .. proprioceptions, action, text], new RldsWriteOptions { ShardBytes = 16 << 20 });
        for (var e = 0; e < episodes; e++)
        {
            writer.Write("train",
            [
                .. cameras.Select(c => new ImageColumn(c, files)),
                .. proprioceptions.Append(action).Select(f => new ArrayColumn(f, Formula.Symmetric($"{f.Name}/{e}", 1, [steps, .. f.Shape]))),
                new BytesColumn(text, [.. Enumerable.Repeat($"task {e}", steps)]),
            ]);
        }

        return new DatasetSource
        {
            Dataset = RldsDataset.Open(writer.Complete()),
            ImageKeys = specification.Images.ToDictionary(i => i.View, i => i.Source is null ? null : i.View),
            ProprioKeys = specification.Proprioception.ToDictionary(p => p.Name, p => p.Source is null ? null : p.Name),
            ProprioDimensions = specification.Proprioception.ToDictionary(p => p.Name, Width),
            LanguageKey = "language_instruction",
            Normalization = Normalization.None,
            Statistics = new DatasetStatistics(new Dictionary<string, FeatureStatistics>(), (long)episodes * steps, episodes),
        };
    }

    private static int Width(ProprioceptionSource source) => source.Name == "bimanual" ? 14 : 46;

    // A comment segment behind the file's first marker.
    private static byte[] Padded(byte[] jpeg, int bytes)
    {
        var comment = new byte[Math.Clamp(bytes - jpeg.Length, 4, 65_537)];
        (comment[0], comment[1]) = (0xFF, 0xFE);
        BinaryPrimitives.WriteUInt16BigEndian(comment.AsSpan(2), (ushort)(comment.Length - 2));
        return [.. jpeg[..2], .. comment, .. jpeg[2..]];
    }
}
