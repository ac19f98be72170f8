using System.Text.Json.Nodes;
using CrossFormer.Data.Rlds;
using CrossFormer.Testing;
using CsCheck;

namespace CrossFormer.Data.Tests.Rlds;

public class SplitTests
{
    [Theory]
    [InlineData("kinds")]
    [InlineData("plain")]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void EveryExpression_SelectsWhatTfdsSelects(string name)
    {
        var dataset = RldsDataset.Open(Goldens.File("rlds", name));
        var wrong = new List<string>();
        foreach (var (expression, expected) in Goldens.Json("rlds", "splits.json")[name]!.AsObject())
        {
            var actual = Select(dataset, expression);
            var wanted = expected is JsonArray paths ? string.Join(' ', paths.Select(p => p!.GetValue<string>())) : "refused";
            if (actual != wanted)
                wrong.Add($"{expression}: {actual}, TFDS: {wanted}");
        }

        Assert.Empty(wrong);

        static string Select(RldsDataset dataset, string expression)
        {
            try
            {
                return string.Join(' ', dataset.ReadEpisodes(expression).Select(e => e.Metadata.Texts("episode_metadata/file_path").Single()));
            }
            catch (ArgumentException)
            {
                return "refused";
            }
        }
    }

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void Episodes_HaveTheStepsOfTheManifest()
    {
        foreach (var name in new[] { "kinds", "plain" })
        {
            var dataset = RldsDataset.Open(Goldens.File("rlds", name));
            foreach (var (split, node) in Goldens.Json("rlds", "manifest.json")["cases"]![name]!["splits"]!.AsObject())
            {
                var expected = node!["episodes"]!.AsArray().Select(e => (e![0]!.GetValue<string>(), e[1]!.GetValue<int>()));
                var actual = dataset.ReadEpisodes(split).Select(e => (e.Metadata.Texts("episode_metadata/file_path").Single(), e.StepCount));
                Assert.Equal(expected, actual);
                Assert.Equal(node["shards"]!.AsArray().Select(s => s!.GetValue<int>()), dataset.Splits.Single(s => s.Name == split).ShardLengths);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("train+")]
    [InlineData("train[0:1")]
    [InlineData("train[:1_]")]
    [InlineData("train[:99999999999999999999]")]
    [InlineData("train[:-]")]
    [InlineData("train[:5%%]")]
    [InlineData("train\n")]
    public void NoExpression_IsRefusedWithAnExample(string expression)
    {
        var e = Assert.Throws<ArgumentException>(() => SplitExpression.Resolve(expression, Splits([5])));
        Assert.Contains(expression, e.Message);
    }

    [Fact]
    public void UnknownSplit_IsRefusedWithTheKnownOnes() =>
        Assert.Contains("train (5 episodes)", Assert.Throws<ArgumentException>(() => SplitExpression.Resolve("test", Splits([5]))).Message);

    [Fact]
    public void Slices_CoverTheirEpisodesOverAnyShards() =>
        Gen.Select(Gen.Int[0, 7].Array[1, 6], Gen.Int[-40, 40], Gen.Int[-40, 40]).Sample((lengths, from, to) =>
        {
            var n = lengths.Sum();
            if (Math.Abs(from) > n || Math.Abs(to) > n)
                return;
            // The naive model: number all episodes, then take Python's slice.
            var all = lengths.SelectMany((length, shard) => Enumerable.Range(0, length).Select(i => (Shard: $"{shard}", i))).ToArray();
            var (start, end) = (from < 0 ? n + from : from, to < 0 ? n + to : to);
            var expected = all.Skip(start).Take(Math.Max(0, end - start)).ToArray();
            if (expected.Length == 0)
            {
                Assert.Throws<ArgumentException>(() => SplitExpression.Resolve($"train[{from}:{to}]", Splits(lengths)));
                return;
            }

            var slices = SplitExpression.Resolve($"train[{from}:{to}]", Splits(lengths));
            Assert.Equal(expected, slices.SelectMany(s => Enumerable.Range(s.First, s.Count).Select(i => (s.File, i))));
        });

    [Fact]
    public void WithoutVal_TheLastFivePercentOfTrainAreVal()
    {
        using var folder = new TemporaryFolder();
        var dataset = Plain(folder, "train");
        Assert.Equal(("train[:95%]", "train[95%:]"), (dataset.TrainingSplit, dataset.ValidationSplit));
        Assert.Equal((13, 12, 1), (dataset.EpisodeCount("train"), dataset.EpisodeCount(dataset.TrainingSplit), dataset.EpisodeCount("val")));
        Assert.Equal(dataset.ReadEpisode("train", 12).Record.Offset, dataset.ReadEpisodes("val").Single().Record.Offset);

        var whole = RldsDataset.Open(Goldens.File("rlds", "plain"));
        Assert.Equal(("train", "val"), (whole.TrainingSplit, whole.ValidationSplit));
    }

    private static RldsDataset Plain(TemporaryFolder folder, string only)
    {
        var source = Goldens.File("rlds", "plain", "1.0.0");
        foreach (var file in Directory.GetFiles(source))
            File.Copy(file, folder.File(Path.GetFileName(file)));
        var info = JsonNode.Parse(File.ReadAllBytes(folder.File("dataset_info.json")))!;
        var splits = info["splits"]!.AsArray();
        foreach (var split in splits.Where(s => s!["name"]!.GetValue<string>() != only).ToArray())
            splits.Remove(split);
        File.Delete(folder.File("dataset_info.json"));
        File.WriteAllText(folder.File("dataset_info.json"), info.ToJsonString());
        return RldsDataset.Open(folder.Path);
    }

    private static RldsSplit[] Splits(int[] lengths) => [new("train", [.. lengths.Select((_, i) => $"{i}")], lengths)];
}
