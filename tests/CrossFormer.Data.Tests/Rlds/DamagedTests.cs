using CrossFormer.Data.Rlds;
using CrossFormer.Formats;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Rlds;

/// <summary>goldens/rlds/damaged: copies of one dataset, each damaged in one way.</summary>
[Trait(Goldens.Category, Goldens.Reference)]
public class DamagedTests
{
    public static TheoryData<string> Cases =>
    [
        "truncated_data", "truncated_header", "truncated_footer", "record_missing", "record_extra", "flipped_byte", "length_crc", "huge_length",
        "not_an_example", "step_feature_absent", "metadata_absent", "wrong_kind", "step_short", "value_short",
    ];

    [Fact]
    public void EveryCaseOfTheGoldens_IsTested() =>
        Assert.Equal(
            Cases.Select(c => c.Data).Concat(["broken_image", "features_lacks_one", "shard_missing"]).Order(),
            Goldens.Json("rlds", "damaged.json").AsObject().Select(c => c.Key).Order());

    [Theory]
    [MemberData(nameof(Cases))]
    public void ADamagedRecord_EndsTheReadingWithFileAndOffset(string name)
    {
        var expected = Goldens.Json("rlds", "damaged.json")[name]!;
        var read = new List<RldsEpisode>();
        var e = Assert.Throws<CorruptFileException>(() =>
        {
            foreach (var episode in Open(name).ReadEpisodes("train"))
                read.Add(episode);
        });
        Assert.Equal(expected["file"]!.GetValue<string>(), Path.GetFileName(e.File));
        // The record's offset, or a place inside it for what is wrong inside a sound frame.
        var offset = expected["offset"]!.GetValue<long>();
        Assert.InRange(e.Offset, offset, name == "not_an_example" ? offset + 16 : offset);
        // As many whole episodes as TFDS gives; where it dies, as many as stand before.
        Assert.Equal(expected["tfds"]!["episodes"]?.GetValue<int>() ?? 4, read.Count);
    }

    [Fact]
    public void AnAbsentShard_IsNamed()
    {
        var read = 0;
        var e = Assert.Throws<FileNotFoundException>(() =>
        {
            foreach (var _ in Open("shard_missing").ReadEpisodes("train"))
                read++;
        });
        Assert.Equal("plain-train.tfrecord-00001-of-00004", Path.GetFileName(e.FileName));
        Assert.Equal(3, read);
    }

    [Fact]
    public void AFeatureThatFeaturesJsonLacks_IsPassedOver()
    {
        var dataset = Open("features_lacks_one");
        Assert.Equal(13, dataset.ReadEpisodes("train").Count());
        Assert.False(dataset.ReadEpisode("train", 0).Steps.Contains("count"));
    }

    [Theory]
    [InlineData("truncated_data", 1)]
    [InlineData("truncated_header", 1)]
    [InlineData("truncated_footer", 1)]
    [InlineData("record_missing", 1)]
    [InlineData("record_extra", 0)]
    [InlineData("flipped_byte", 1)]
    [InlineData("length_crc", 2)]
    [InlineData("huge_length", 2)]
    [InlineData("not_an_example", 1)]
    [InlineData("step_feature_absent", 1)]
    [InlineData("metadata_absent", 1)]
    [InlineData("wrong_kind", 1)]
    [InlineData("step_short", 1)]
    [InlineData("value_short", 1)]
    [InlineData("shard_missing", 3)]
    public void SkipBad_ReadsAllOthersAndReportsHowManyWereLost(string name, int lost)
    {
        var reports = new List<(int Lost, IOException Why)>();
        var read = Open(name).ReadEpisodes("train", new RldsReadOptions { SkipBad = true, OnSkipped = (n, e) => reports.Add((n, e)) }).ToArray();
        Assert.Equal(13 - lost, read.Length);
        var report = Assert.Single(reports);
        Assert.Equal(lost, report.Lost);
        Assert.Contains(Goldens.Json("rlds", "damaged.json")[name]!["file"]!.GetValue<string>(), report.Why.Message);
        // What was read is what a sound copy holds.
        var sound = RldsDataset.Open(Goldens.File("rlds", "plain")).ReadEpisodes("train").ToDictionary(e => (Path.GetFileName(e.Record.File), e.RecordNumber));
        Assert.All(read, e => Assert.Equal(sound[(Path.GetFileName(e.Record.File), e.RecordNumber)].Record.Data.ToArray(), e.Record.Data.ToArray()));
    }

    private static RldsDataset Open(string name) => RldsDataset.Open(Goldens.File("rlds", "damaged", name));
}
