using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Data.TfRecords;
using CrossFormer.Images;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Rlds;

public class RldsWriterTests
{
    private static readonly RldsFeature[] Features =
    [
        RldsFeature.Tensor("action", DType.Float32, [2]),
        RldsFeature.Text("language_instruction"),
        RldsFeature.Tensor("episode_metadata/number", DType.Int64, [], perStep: false),
    ];

    [Theory]
    [InlineData("plain", true)]
    [InlineData("older", false)] // Its features.json says less, for example about how images are encoded.
    [Trait(Goldens.Category, Goldens.Reference)]
    public void Plain_ReadAndWrittenAgainIsTheSameBytes(string folder, bool sameFeatures)
    {
        using var target = new TemporaryFolder();
        var written = Rewrite(RldsDataset.Open(Goldens.File("rlds", folder)), target.Path);

        var original = Goldens.File("rlds", "plain", "1.0.0");
        Assert.Equal(Names(original), Names(written));
        foreach (var shard in Directory.EnumerateFiles(original, "*.tfrecord-*"))
            Assert.Equal(File.ReadAllBytes(shard), File.ReadAllBytes(Path.Combine(written, Path.GetFileName(shard))));
        AssertSameJson(original, written, "dataset_info.json");
        if (sameFeatures)
            AssertSameJson(original, written, "features.json");

        static IEnumerable<string?> Names(string path) => Directory.EnumerateFiles(path).Select(Path.GetFileName).Order(StringComparer.Ordinal);
    }

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void EveryFeatureKind_ReadAndWrittenAgainIsTheSame()
    {
        using var target = new TemporaryFolder();
        var written = Rewrite(RldsDataset.Open(Goldens.File("rlds", "kinds")), target.Path);

        var original = Goldens.File("rlds", "kinds", "1.0.0");
        foreach (var labels in Directory.EnumerateFiles(original, "*.labels.txt"))
            Assert.Equal(File.ReadAllLines(labels), File.ReadAllLines(Path.Combine(written, Path.GetFileName(labels))));
        var features = JsonNode.Parse(File.ReadAllBytes(Path.Combine(original, "features.json")), documentOptions: new() { MaxDepth = 256 })!;
        // Holds nothing; and a note for TFDS's documentation pages.
        features["featuresDict"]!["features"]!.AsObject().Remove("reserved");
        Visit(features, o => o.Remove("valueRange"));
        Assert.True(JsonNode.DeepEquals(features, JsonNode.Parse(File.ReadAllBytes(Path.Combine(written, "features.json")), documentOptions: new() { MaxDepth = 256 })));

        // zlib's compressed bytes depend on its implementation; everything else is equal to the byte, order included.
        var (expected, actual) = (RldsDataset.Open(original), RldsDataset.Open(written));
        foreach (var (before, after) in expected.ReadEpisodes("all").Zip(actual.ReadEpisodes("all")))
        {
            Assert.Equal(Entries(before).Select(e => e.Name), Entries(after).Select(e => e.Name));
            Assert.All(Entries(before).Zip(Entries(after)), pair => Assert.True(IsZlib(pair.First.Name) || pair.First.Bytes.SequenceEqual(pair.Second.Bytes), pair.First.Name));
            foreach (var feature in expected.Features.Where(f => f.Encoding == TensorEncoding.Zlib))
                AssertSameColumn((feature.PerStep ? before.Steps : before.Metadata)[feature.Name], (feature.PerStep ? after.Steps : after.Metadata)[feature.Name]);
        }

        Assert.Equal(expected.EpisodeCount("all"), actual.EpisodeCount("all"));
        bool IsZlib(string name) => expected.Features.Any(f => f.Encoding == TensorEncoding.Zlib && name.StartsWith(f.Key, StringComparison.Ordinal));
    }

    [Fact]
    public void Dataset_IsThereWholeOrNotAtAll()
    {
        using var target = new TemporaryFolder();
        using var writer = RldsWriter.Open(target.Path, new RldsDatasetInfo("mine"), Features);
        writer.Write("train", Episode(0));
        writer.Checkpoint();

        Assert.Throws<DirectoryNotFoundException>(() => RldsDataset.Open(target.Path));
        Assert.Equal(Path.Combine(target.Path, "mine", "1.0.0"), writer.Complete());
        Assert.Equal(1, RldsDataset.Open(target.Path).EpisodeCount("all"));
        Assert.Equal(["1.0.0"], Directory.EnumerateFileSystemEntries(target.File("mine")).Select(Path.GetFileName));
        Assert.Equal(["dataset_info.json", "features.json", "mine-train.tfrecord-00000-of-00001"], Directory.EnumerateFiles(writer.Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Shards_AreAsLargeAsAskedFor()
    {
        using var target = new TemporaryFolder();
        using var writer = RldsWriter.Open(target.Path, new RldsDatasetInfo("mine"), Features, new RldsWriteOptions { ShardBytes = 400 });
        for (var i = 0; i < 20; i++)
            writer.Write(i % 4 == 3 ? "val" : "train", Episode(i));
        var dataset = RldsDataset.Open(writer.Complete());

        Assert.Equal([("train", 15), ("val", 5)], dataset.Splits.Select(s => (s.Name, s.EpisodeCount)));
        Assert.All(dataset.Splits.SelectMany(s => s.Files), f => Assert.InRange(new FileInfo(f).Length, 1, 400 + TfRecordWriter.OverheadBytes * 3));
        Assert.True(dataset.Splits[0].Files.Count > 3);
        Assert.Equal(Enumerable.Range(0, 20).Where(i => i % 4 != 3), dataset.ReadEpisodes("train").Select(Number));
    }

    // Whatever a killed process left behind the last checkpoint: bytes that no checkpoint covers.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    public void AnInterruptedRun_ContinuesToTheSameBytes(int torn)
    {
        using var target = new TemporaryFolder();
        var options = new RldsWriteOptions { ShardBytes = 600, CheckpointBytes = 500, Source = "test" };
        var whole = Bytes(Run(target.File("whole"), int.MaxValue)!);
        for (var stop = 1; stop < 12; stop++)
        {
            var folder = target.File($"stopped{stop}");
            Assert.Null(Run(folder, stop));
            foreach (var shard in Directory.EnumerateFiles(Path.Combine(folder, "mine", ".1.0.0.incomplete"), "*.tfrecord").Order().TakeLast(1))
                File.AppendAllBytes(shard, new byte[torn]);
            Assert.Equal(whole, Bytes(Run(folder, int.MaxValue)!));
        }

        string? Run(string folder, int stop)
        {
            using var writer = RldsWriter.Open(folder, new RldsDatasetInfo("mine"), Features, options);
            for (var i = (int)writer.Position("train"); i < 12; i++)
            {
                if (i == stop)
                    return null;
                if (i % 5 == 2)
                    writer.Skip("train");
                else
                    writer.Write("train", Episode(i));
            }

            return writer.Complete();
        }

        static string[] Bytes(string folder) => [.. Directory.EnumerateFiles(folder).Order().Select(f => $"{Path.GetFileName(f)} {Convert.ToHexString(File.ReadAllBytes(f))}")];
    }

    // All is written and named, and the folder's own name is the last thing: a file in its place stands for a kill.
    [Fact]
    public void ARunInterruptedAtTheVeryEnd_IsEndedOnceMore()
    {
        using var target = new TemporaryFolder();
        var obstacle = target.File("mine/1.0.0");
        using (var writer = Open())
        {
            for (var i = 0; i < 3; i++)
                writer.Write("train", Episode(i));
            File.WriteAllText(obstacle, "");
            Assert.ThrowsAny<IOException>(writer.Complete);
        }

        File.Delete(obstacle);
        using var again = Open();
        Assert.Equal(3, again.Position("train"));
        var dataset = RldsDataset.Open(again.Complete());
        Assert.Equal([0, 1, 2], dataset.ReadEpisodes("train").Select(Number));
        Assert.Equal(["dataset_info.json", "features.json", "mine-train.tfrecord-00000-of-00001"], Directory.EnumerateFiles(again.Folder).Select(Path.GetFileName).Order());

        RldsWriter Open() => RldsWriter.Open(target.Path, new RldsDatasetInfo("mine"), Features);
    }

    [Fact]
    public void AnUnfinishedDataset_FromAnotherSourceIsNotContinued()
    {
        using var target = new TemporaryFolder();
        using (var writer = RldsWriter.Open(target.Path, new RldsDatasetInfo("mine"), Features, new RldsWriteOptions { Source = "a" }))
        {
            writer.Write("train", Episode(0));
            writer.Checkpoint();
        }

        foreach (var (features, source) in new[] { (Features, "b"), (Features[..2], "a") })
        {
            var e = Assert.Throws<InvalidOperationException>(() => RldsWriter.Open(target.Path, new RldsDatasetInfo("mine"), features, new RldsWriteOptions { Source = source }));
            Assert.Contains(".1.0.0.incomplete", e.Message);
        }
    }

    [Fact]
    public void AFinishedDataset_IsReplacedOnlyWhenAllowed()
    {
        using var target = new TemporaryFolder();
        Write(new RldsWriteOptions(), 3);
        Assert.Throws<IOException>(() => Write(new RldsWriteOptions(), 4));
        Assert.Equal(3, RldsDataset.Open(target.Path).EpisodeCount("train"));
        Write(new RldsWriteOptions { Overwrite = true }, 4);
        Assert.Equal(4, RldsDataset.Open(target.Path).EpisodeCount("train"));
        Assert.Single(Directory.EnumerateFileSystemEntries(target.File("mine")));

        void Write(RldsWriteOptions options, int episodes)
        {
            using var writer = RldsWriter.Open(target.Path, new RldsDatasetInfo("mine"), Features, options);
            for (var i = 0; i < episodes; i++)
                writer.Write("train", Episode(i));
            writer.Complete();
        }
    }

    [Fact]
    public void TwoWriters_OfOneDatasetAreRefused()
    {
        using var target = new TemporaryFolder();
        using var first = RldsWriter.Open(target.Path, new RldsDatasetInfo("mine"), Features);
        Assert.Contains("another process", Assert.Throws<IOException>(() => RldsWriter.Open(target.Path, new RldsDatasetInfo("mine"), Features)).Message);
    }

    [Fact]
    public void WrongColumns_AreNamed()
    {
        using var target = new TemporaryFolder();
        using var writer = RldsWriter.Open(target.Path, new RldsDatasetInfo("mine"), Features);
        var good = Episode(0);

        Refused("lacks 'steps/action'", good[1..]);
        Refused("given twice", [.. good, good[0]]);
        Refused("no feature 'steps/reward'", [.. good, new ArrayColumn(RldsFeature.Tensor("reward", DType.Float32, []), NdArray.Zeros(DType.Float32, 3))]);
        Refused("'steps/language_instruction' has 2 steps, 'steps/action' has 3", [good[0], new BytesColumn(Features[1], ["a", "b"]), good[2]]);
        Refused("'steps/action': expected Tensor float32[2]", [new ArrayColumn(RldsFeature.Tensor("action", DType.Float32, [3]), NdArray.Zeros(DType.Float32, 3, 3)), good[1], good[2]]);
        Assert.Contains("expected float32[2]", Assert.Throws<ArgumentException>(() => new ArrayColumn(Features[0], NdArray.Zeros(DType.Float64, 3, 2))).Message);
        Assert.Contains("neither JPEG nor PNG", Assert.Throws<ArgumentException>(() => new ImageColumn(RldsFeature.Image("i", 1, 1, ImageFormat.Png), [new byte[3]])).Message);
        Assert.Throws<InvalidOperationException>(writer.Complete);

        void Refused(string why, RldsColumn[] columns) => Assert.Contains(why, Assert.Throws<ArgumentException>(() => writer.Write("train", columns)).Message);
    }

    [Fact]
    public void WhatTfdsCannotOpen_IsRefused()
    {
        using var target = new TemporaryFolder();
        Refused(new RldsDatasetInfo("my-dataset"), Features);
        Refused(new RldsDatasetInfo("../up"), Features);
        Refused(new RldsDatasetInfo("mine", "1"), Features);
        Refused(new RldsDatasetInfo("mine"), [RldsFeature.Tensor("x", DType.Float32, [-1])]);
        Refused(new RldsDatasetInfo("mine"), [RldsFeature.Tensor("x", DType.Float32, [0])]);
        Refused(new RldsDatasetInfo("mine"), [RldsFeature.Tensor("x", DType.BFloat16, [2])]);
        Refused(new RldsDatasetInfo("mine"), [RldsFeature.Tensor("x", DType.UInt64, [2], TensorEncoding.Bytes)]);
        Refused(new RldsDatasetInfo("mine"), [RldsFeature.Text("x"), RldsFeature.Text("x/y")]);
        using var writer = RldsWriter.Open(target.Path, new RldsDatasetInfo("mine"), Features);
        Assert.Throws<ArgumentException>(() => writer.Write("all", Episode(0)));
        Assert.Throws<ArgumentException>(() => writer.Write("../x", Episode(0)));

        void Refused(RldsDatasetInfo info, RldsFeature[] features) => Assert.Throws<ArgumentException>(() => RldsWriter.Open(target.Path, info, features));
    }

    private static RldsColumn[] Episode(int number) =>
    [
        new ArrayColumn(Features[0], NdArray.From([number, 1f, 2, 3, 4, 5], 3, 2)),
        new BytesColumn(Features[1], [.. Enumerable.Repeat($"café {number}", 3)]),
        new ArrayColumn(Features[2], NdArray.From([(long)number], [])),
    ];

    private static int Number(RldsEpisode episode) => (int)episode.Metadata.Array("episode_metadata/number").AsSpan<long>()[0];

    private static string Rewrite(RldsDataset dataset, string target)
    {
        // The older form names no module.
        using var writer = RldsWriter.Open(target, dataset.Info with { ModuleName = "__main__" }, dataset.Features);
        foreach (var split in dataset.Splits)
        {
            foreach (var slice in dataset.Slices(split.Name))
            {
                foreach (var episode in dataset.ReadSlice(slice))
                    writer.Write(split.Name, dataset.Features.Select(f => (f.PerStep ? episode.Steps : episode.Metadata)[f.Name]));
                writer.EndShard(split.Name);
            }
        }

        return writer.Complete();
    }

    private static List<(string Name, byte[] Bytes)> Entries(RldsEpisode episode)
    {
        var (data, entries) = (episode.Record.Data, new List<(string, byte[])>());
        var outer = new WireReader(episode.Record, 0, data.Length);
        var all = Next(ref outer);
        var features = new WireReader(episode.Record, all.Start, all.End);
        while (!features.AtEnd)
        {
            var (start, end) = Next(ref features);
            var entry = new WireReader(episode.Record, start, end);
            var (name, value) = (Next(ref entry), Next(ref entry));
            entries.Add((System.Text.Encoding.UTF8.GetString(data.Span[name.Start..name.End]), data[value.Start..value.End].ToArray()));
        }

        return entries;

        static (int Start, int End) Next(ref WireReader reader)
        {
            reader.ReadTag();
            return reader.ReadRange();
        }
    }

    private static void AssertSameColumn(RldsColumn expected, RldsColumn actual)
    {
        switch (expected)
        {
            case ArrayColumn array:
                Assert.Equal(array.Values.Bytes.ToArray(), Assert.IsType<ArrayColumn>(actual).Values.Bytes.ToArray());
                break;
            case VaryingColumn varying:
                Assert.Equal(varying.Values.Select(v => $"{v} {Convert.ToHexString(v.Bytes.Span)}"), Assert.IsType<VaryingColumn>(actual).Values.Select(v => $"{v} {Convert.ToHexString(v.Bytes.Span)}"));
                break;
            case RaggedColumn ragged:
                Assert.Equal(ragged.RowLengths, Assert.IsType<RaggedColumn>(actual).RowLengths);
                AssertSameColumn(ragged.Values, ((RaggedColumn)actual).Values);
                break;
            default:
                Assert.Fail(expected.GetType().Name);
                break;
        }
    }

    private static void AssertSameJson(string expected, string actual, string name)
    {
        var options = new System.Text.Json.JsonDocumentOptions { MaxDepth = 256 };
        var (e, a) = (JsonNode.Parse(File.ReadAllBytes(Path.Combine(expected, name)), documentOptions: options), JsonNode.Parse(File.ReadAllBytes(Path.Combine(actual, name)), documentOptions: options));
        Assert.True(JsonNode.DeepEquals(e, a), $"{name}: {a}");
    }

    private static void Visit(JsonNode? node, Action<JsonObject> action)
    {
        if (node is JsonObject o)
        {
            action(o);
            foreach (var (_, child) in o)
                Visit(child, action);
        }
        else if (node is JsonArray array)
        {
            foreach (var child in array)
                Visit(child, action);
        }
    }
}
