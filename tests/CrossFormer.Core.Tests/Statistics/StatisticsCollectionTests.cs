using System.Text;
using CrossFormer.Formats;
using CrossFormer.Statistics;
using CrossFormer.Testing;
using CsCheck;

namespace CrossFormer.Core.Tests.Statistics;

public class StatisticsCollectionTests
{
    private const string Two = """
        {"a": {"action": {"mean": [1.5, NaN], "std": [Infinity, -Infinity], "max": [3, 4], "min": [-1, 0], "p99": [1e-8, 2], "p01": [0, 0.1],
                          "mask": [true, false]},
               "proprio_x": {"mean": [0.25], "std": [1.0]}, "num_transitions": 1000, "num_trajectories": 10},
         "b": {"action": {"mean": [[1, 2], [3, 4], [5, 6]], "std": [[1, 1], [1, 1], [1, 1]]}}}
        """;

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void Read_OfTheReferencesFiles_FindsEveryDataset()
    {
        var statistics = StatisticsCollection.Read(Goldens.File("checkpoints", "full", "dataset_statistics.json"));
        Assert.Equal(
            [("bridge_dataset", 7), ("omnimimic_gnm_dataset", 2), ("aloha_pen_uncap_diverse_dataset", 14), ("go1_real_dataset", 12)],
            statistics.Datasets.Select(d => (d.Key, d.Value.Action.Dimension)));
        Assert.Equal(10, statistics["bridge_dataset"].NumTrajectories);
        Assert.Equal([true, true, true, true, true, true, false], statistics["bridge_dataset"].Action.Mask!);
    }

    [Fact]
    public void Parse_ReadsNamesMasksCountsAndPythonsLiterals()
    {
        var statistics = Parse(Two);
        var a = statistics["a"];
        Assert.Equal([1.5, double.NaN], a.Action.Mean);
        Assert.Equal([double.PositiveInfinity, double.NegativeInfinity], a.Action.Std);
        Assert.Equal([1e-8, 2], a.Action.P99!);
        Assert.Equal((1000L, 10L), (a.NumTransitions, a.NumTrajectories));
        Assert.Null(a["proprio_x"].Mask);
        Assert.Null(a["proprio_x"].P01);
        Assert.Null(statistics["b"].NumTransitions);
    }

    [Fact]
    public void Parse_ReadsNestedLists_AsRows()
    {
        var action = Parse(Two)["b"].Action;
        Assert.Equal((3, 2), (action.Rows, action.Dimension));
        Assert.Equal([1, 2, 3, 4, 5, 6], action.Mean);
    }

    [Fact]
    public void Parse_OfOneDatasetWithoutItsName_AnswersToEveryName()
    {
        var statistics = Parse("""{"num_transitions": 5, "action": {"mean": [1], "std": [2]}, "proprio": {"mean": [3], "std": [4]}}""");
        Assert.Equal([1], statistics["bridge_dataset"].Action.Mean);
        Assert.Equal([3], statistics["whatever"]["proprio"].Mean);
        Assert.Equal(5, statistics.Unnamed!.NumTransitions);
    }

    [Theory]
    [InlineData(Two)]
    [InlineData("""{"action": {"mean": [1], "std": [2]}}""")]
    [InlineData("{}")]
    public void Write_ReadBack_IsEqual(string json)
    {
        var statistics = Parse(json);
        Assert.Equal(Flatten(statistics), Flatten(Parse(Written(statistics))));
    }

    [Fact]
    public void Write_KeepsEveryDoubleBitForBit() =>
        Gen.Long.Select(BitConverter.Int64BitsToDouble).Array[1, 5].Sample(values =>
        {
            var statistics = new StatisticsCollection(new DatasetStatistics(
                new Dictionary<string, FeatureStatistics> { ["action"] = new(values, values) }));
            var read = Parse(Written(statistics))["x"].Action.Mean;
            // All NaNs are one in JSON.
            Assert.Equal(
                values.Select(v => double.IsNaN(v) ? 0 : BitConverter.DoubleToInt64Bits(v)),
                read.Select(v => double.IsNaN(v) ? 0 : BitConverter.DoubleToInt64Bits(v)));
        });

    [Fact]
    public void Write_NeverWritesAnInteger_ForNumpyWouldMakeAnIntegerArray()
    {
        var statistics = new StatisticsCollection(new DatasetStatistics(
            new Dictionary<string, FeatureStatistics> { ["action"] = new([1, 0, 1e300], [1, 2, 3]) }));
        Assert.Contains("\"mean\":[1.0,0.0,1E+300]", Written(statistics));
    }

    [Theory]
    [InlineData("""{"a": {"action": {"mean": [1, "x"], "std": [1, 1]}}}""", 30, "$.a.action.mean[1]: expected a number, found a text")]
    [InlineData("""{"a": {"action": {"mean": [1], "std": [1, 2]}}}""", 44, "$.a.action.std: expected 1 values, as the mean has, found 2")]
    [InlineData("""{"a": {"action": {"mean": [1]}}}""", 29, "$.a.action: expected mean and std, found mean")]
    [InlineData("""{"a": {"action": {"mean": [1], "std": [1], "mask": [true, true]}}}""", 63, "$.a.action.mask: expected 1 values")]
    [InlineData("""{"a": {"action": {"mean": [], "std": []}}}""", 27, "$.a.action.mean: expected at least one number")]
    [InlineData("""{"a": {"action": {"mean": [[1, 2], [3]], "std": []}}}""", 37, "$.a.action.mean[1]: expected 2 numbers, as the first row has, found 1")]
    [InlineData("""{"a": {"action": {"mean": [[1], 2], "std": []}}}""", 32, "$.a.action.mean[1]: expected a list of numbers, found a number")]
    [InlineData("""{"a": {"action": {"mean": [1, [2]], "std": []}}}""", 30, "$.a.action.mean[1]: expected a number, found a list")]
    [InlineData("""{"a": {"num_transitions": -1}}""", 26, "$.a.num_transitions: expected a count")]
    [InlineData("""{"a": {}, "a": {}}""", 16, "$.a stands here for the second time")]
    [InlineData("""{"a": 1}""", 6, "$.a: expected a dataset's statistics, found a number")]
    [InlineData("[]", 0, "$: expected an object, found a list")]
    [InlineData("""{"a": {"action": {"mean": [1NaN], "std": [1]}}}""", 28, "not a JSON text")]
    [InlineData("{\n\n\"a\": x}", 8, "not a JSON text")]
    [InlineData("{} {}", 3, "not a JSON text")]
    [InlineData("", 0, "not a JSON text")]
    public void Parse_OfABadFile_SaysWhereAndWhat(string json, long offset, string problem)
    {
        var error = Assert.Throws<CorruptFileException>(() => Parse(json));
        Assert.Contains(problem, error.Message);
        Assert.Equal(offset, error.Offset);
        Assert.Equal("s.json", error.File);
    }

    [Fact]
    public void Parse_TruncatedAtAnyByte_IsRefused()
    {
        var text = Encoding.UTF8.GetBytes(Two);
        for (var length = 0; length < text.Length; length++)
            Assert.Throws<CorruptFileException>(() => StatisticsCollection.Parse(text.AsSpan(0, length), "s.json"));
    }

    [Fact]
    public void Parse_WithAnyByteChanged_ReadsOrRefuses_NothingElse() =>
        Gen.Select(Gen.Int[0, Two.Length - 1], Gen.Byte).Sample((i, b) =>
        {
            var text = Encoding.UTF8.GetBytes(Two);
            text[i] = b;
            try
            {
                StatisticsCollection.Parse(text, "s.json");
            }
            catch (CorruptFileException)
            {
                // What is asked of it.
            }
        });

    [Fact]
    public void Indexer_NamesWhatThereIs()
    {
        var statistics = Parse(Two);
        Assert.Contains("there are a, b", Assert.Throws<KeyNotFoundException>(() => statistics["c"]).Message);
        Assert.Contains("they have action, proprio_x", Assert.Throws<KeyNotFoundException>(() => statistics["a"]["proprio_y"]).Message);
    }

    private static StatisticsCollection Parse(string json) => StatisticsCollection.Parse(Encoding.UTF8.GetBytes(json), "s.json");

    private static string Written(StatisticsCollection statistics)
    {
        using var stream = new MemoryStream();
        statistics.Write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static List<string> Flatten(StatisticsCollection statistics)
    {
        var lines = new List<string>();
        foreach (var (name, d) in statistics.Unnamed is { } only ? new Dictionary<string, DatasetStatistics> { [""] = only } : statistics.Datasets)
        {
            lines.Add($"{name} {d.NumTransitions} {d.NumTrajectories}");
            foreach (var (feature, f) in d.Features)
            {
                double[]?[] arrays = [f.Mean, f.Std, f.Min, f.Max, f.P01, f.P99];
                lines.Add($"{feature} {f.Rows} {string.Join('|', arrays.Select(a => a is null ? "none" : string.Join(' ', a)))} {(f.Mask is null ? "none" : string.Join(' ', f.Mask))}");
            }
        }

        return lines;
    }
}
