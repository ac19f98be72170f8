using System.Text.Json.Nodes;
using CrossFormer.Arrays;
using CrossFormer.Data.Rlds;
using CrossFormer.Formats;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Rlds;

public class RldsDatasetTests
{
    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void PlainValues_AreTheFormulas()
    {
        var values = 0;
        foreach (var episode in RldsDataset.Open(Goldens.File("rlds", "plain")).ReadEpisodes("all"))
        {
            var path = episode.Metadata.Texts("episode_metadata/file_path").Single();
            var actual = episode.Steps.Array("value");
            Assert.Equal([episode.StepCount, 3], actual.Shape);
            for (var t = 0; t < episode.StepCount; t++)
            {
                var expected = Formula.Unit($"{path}/{t}/value", 3).Select(u => (float)((2 * u - 1) * Math.PI));
                Assert.Equal(expected, actual.AsSpan<float>().Slice(t * 3, 3).ToArray());
                values += 3;
            }
        }

        Assert.True(values > 0);
    }

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void AnEpisodeOfNoSteps_HasEmptyColumns()
    {
        var episode = RldsDataset.Open(Goldens.File("rlds", "plain")).ReadEpisodes("val").Single(e => e.StepCount == 0);
        Assert.Equal([0, 3], episode.Steps.Array("value").Shape);
        Assert.Equal([0], episode.Steps.Array("count").Shape);
        Assert.Empty(episode.Steps.Images("image").Encoded);
        Assert.Empty(episode.Steps.Texts("language_instruction"));
        Assert.Empty(episode.Metadata.Array("episode_metadata/weight").Shape);
    }

    [Fact]
    [Trait(Goldens.Category, Goldens.Reference)]
    public void OlderMetadata_ReadsAlike()
    {
        var (plain, older) = (RldsDataset.Open(Goldens.File("rlds", "plain")), RldsDataset.Open(Goldens.File("rlds", "older")));
        Assert.Equal(plain.Features.Select(f => (f.Key, f.ToString(), f.Kind)), older.Features.Select(f => (f.Key, f.ToString(), f.Kind)));
        Assert.Equal(plain.Splits.Select(s => s.Name), older.Splits.Select(s => s.Name));
        Assert.Equal(
            plain.ReadEpisodes("all").Select(e => e.Record.Data.ToArray()),
            older.ReadEpisodes("all").Select(e => e.Record.Data.ToArray()));
    }

    [Fact]
    public void Open_TakesTheNewestVersionUnlessOneIsNamed()
    {
        using var folder = new TemporaryFolder();
        foreach (var version in new[] { "1.0.0", "1.10.0", "1.9.0" })
            Write(folder, Path.Combine("robot", version));
        Assert.Equal("1.10.0", Path.GetFileName(RldsDataset.Open(folder.File("robot")).Folder));
        Assert.Equal("1.10.0", Path.GetFileName(RldsDataset.Open(folder.Path).Folder));
        Assert.Equal("1.9.0", Path.GetFileName(RldsDataset.Open(folder.Path, "1.9.0").Folder));
        Assert.Equal("1.0.0", Path.GetFileName(RldsDataset.Open(folder.File(Path.Combine("robot", "1.0.0"))).Folder));
        Assert.Contains("1.10.0", Assert.Throws<DirectoryNotFoundException>(() => RldsDataset.Open(folder.Path, "2.0.0")).Message);
    }

    [Fact]
    public void Open_NamesTheDatasetsWhenThereAreSeveralOrNone()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("no dataset", Assert.Throws<DirectoryNotFoundException>(() => RldsDataset.Open(folder.Path)).Message);
        Assert.Throws<DirectoryNotFoundException>(() => RldsDataset.Open(folder.File("absent")));
        Write(folder, Path.Combine("one", "1.0.0"));
        Write(folder, Path.Combine("two", "1.0.0"));
        var e = Assert.Throws<DirectoryNotFoundException>(() => RldsDataset.Open(folder.Path));
        Assert.Contains(folder.File("one"), e.Message);
        Assert.Contains(folder.File("two"), e.Message);
    }

    [Theory]
    [InlineData("dataset_info.json", "{\"name\": \"x\", ", "malformed JSON")]
    [InlineData("dataset_info.json", "[]", "expected an object")]
    [InlineData("dataset_info.json", "{}", "expected a member 'name'")]
    [InlineData("dataset_info.json", "{\"name\": \"x\", \"splits\": [{\"name\": \"train\"}]}", "$.splits[0]: expected a member 'shardLengths'")]
    [InlineData("dataset_info.json", "{\"name\": \"x\", \"splits\": [{\"name\": \"train\", \"shardLengths\": [\"many\"]}]}", "$.splits[0].shardLengths[0]: expected an integer")]
    [InlineData("dataset_info.json", "{\"name\": \"x\", \"splits\": [{\"name\": \"train\", \"shardLengths\": [-1]}]}", "$.splits[0].shardLengths[0]")]
    [InlineData("dataset_info.json", "{\"name\": \"x\", \"splits\": [{\"name\": \"train\", \"shardLengths\": [2000000000, 2000000000]}]}", "$.splits[0].shardLengths[1]")]
    [InlineData("dataset_info.json", "{\"name\": \"../../etc\", \"splits\": [{\"name\": \"train\", \"shardLengths\": [1]}]}", "no plain file name")]
    [InlineData("features.json", "{\"pythonClassName\": \"a.FeaturesDict\", \"featuresDict\": {}}", "expected a feature 'steps'")]
    [InlineData("features.json", "{\"pythonClassName\": 5}", "$.pythonClassName: expected a string")]
    public void Open_RefusesBrokenMetadataWithItsPath(string file, string content, string message)
    {
        using var folder = new TemporaryFolder();
        Write(folder, "1.0.0");
        var path = folder.File(Path.Combine("1.0.0", file));
        File.WriteAllText(path, content);
        var e = Assert.Throws<CorruptFileException>(() => RldsDataset.Open(folder.Path));
        Assert.Equal(path, e.File);
        Assert.Contains(message, e.Message);
    }

    [Theory]
    [InlineData("float33", "none", "[3]", "unknown dtype 'float33'")]
    [InlineData("float32", "brotli", "[3]", "unknown encoding 'brotli'")]
    [InlineData("float32", "none", "[2000000000, 2000000000]", "too large")]
    [InlineData("float32", "none", "[-7]", "expected −1 or more")]
    [InlineData("float32", "none", "7", "expected an array")]
    public void Open_RefusesATensorItCannotRead(string dtype, string encoding, string shape, string message)
    {
        using var folder = new TemporaryFolder();
        Write(folder, "1.0.0", $$"""{"type": "t.Tensor", "content": {"shape": {{shape}}, "dtype": "{{dtype}}", "encoding": "{{encoding}}"} }""");
        Assert.Contains(message, Assert.Throws<CorruptFileException>(() => RldsDataset.Open(folder.Path)).Message);
    }

    [Fact]
    public void AnUnknownFeatureClass_IsRefusedOnlyWhenAskedFor()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "1.0.0", """{"type": "tfds.features.Audio", "content": {"sample_rate": 16000}}""");
        var episode = RldsDataset.Open(folder.Path).ReadEpisode("train", 0);
        Assert.Equal(2, episode.StepCount);
        Assert.Contains("Audio", Assert.Throws<NotSupportedException>(() => episode.Steps["extra"]).Message);
    }

    [Fact]
    public void AnotherFileFormat_IsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "1.0.0");
        File.WriteAllText(folder.File(Path.Combine("1.0.0", "dataset_info.json")), """{"name": "x", "fileFormat": "array_record"}""");
        Assert.Contains("array_record", Assert.Throws<NotSupportedException>(() => RldsDataset.Open(folder.Path)).Message);
    }

    [Fact]
    public void AnIntegerThatItsDtypeCannotHold_IsRefused()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "1.0.0", """{"type": "t.Tensor", "content": {"shape": [], "dtype": "uint8", "encoding": "none"}}""", TfRecords.Wire.Int64s(255, 256));
        var episode = RldsDataset.Open(folder.Path).ReadEpisode("train", 0);
        Assert.Contains("steps/extra", Assert.Throws<CorruptFileException>(() => episode.Steps.Array("extra")).Message);
    }

    [Fact]
    public void ReadEpisode_BeyondTheSplit_SaysHowManyThereAre()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "1.0.0");
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => RldsDataset.Open(folder.Path).ReadEpisode("train", 1));
        Assert.Contains("has 1 episodes", e.Message);
    }

    // A dataset of one episode of two steps: `t`, and perhaps `extra`.
    private static void Write(TemporaryFolder folder, string path, string? extraFeature = null, byte[]? extra = null)
    {
        var steps = new JsonObject { ["t"] = JsonNode.Parse("""{"type": "t.Scalar", "content": {"shape": [], "dtype": "int32"}}""") };
        if (extraFeature is not null)
            steps["extra"] = JsonNode.Parse(extraFeature);
        var features = new JsonObject
        {
            ["type"] = "t.FeaturesDict",
            ["content"] = new JsonObject
            {
                ["steps"] = new JsonObject
                {
                    ["type"] = "t.Dataset",
                    ["content"] = new JsonObject { ["feature"] = new JsonObject { ["type"] = "t.FeaturesDict", ["content"] = steps }, ["length"] = null },
                },
            },
        };
        folder.Write(Path.Combine(path, "features.json"), System.Text.Encoding.UTF8.GetBytes(features.ToJsonString()));
        folder.Write(Path.Combine(path, "dataset_info.json"), """{"name": "robot", "splits": [{"name": "train", "shardLengths": ["1"]}]}"""u8);
        var entries = new List<byte[]> { TfRecords.Wire.Entry("steps/t", TfRecords.Wire.Int64s(0, 1)) };
        if (extra is not null)
            entries.Add(TfRecords.Wire.Entry("steps/extra", extra));
        folder.Write(Path.Combine(path, "robot-train.tfrecord-00000-of-00001"), TfRecords.Wire.Frame(TfRecords.Wire.Example([.. entries])));
    }
}
