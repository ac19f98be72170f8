using CrossFormer.Arrays;
using CrossFormer.Data.Conversion;
using CrossFormer.Data.Rlds;
using CrossFormer.Formats;
using CrossFormer.Images;
using CrossFormer.Testing;

namespace CrossFormer.Data.Tests.Conversion;

public sealed class EpisodeConverterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AFolderOfTables_ComesBackAsItWas()
    {
        Image("a/top/0.png", "a0");
        Image("a/top/1.png", "a1");
        Text("a/actions.csv", "x,y\n0.5,-1\n1e-3,2\n");
        Text("a/steps.csv", "state.q0,state.q1,gripper,task,observation.force,reward\n1,2,0,\"open, please\",7,0\n3,4,1,close,8,0.5\n");
        Text("a/episode.json", """{"success": false, "fps": 5, "operator": "nobody"}""");

        var episode = Convert().ReadEpisode("train", 0);

        Assert.Equal([0.5f, -1, 1e-3f, 2], episode.Steps.Array("action").ToSingles());
        Assert.Equal([1f, 2, 3, 4], episode.Steps.Array("observation/state").ToSingles());
        Assert.Equal([0f, 1], episode.Steps.Array("observation/gripper").ToSingles());
        Assert.Equal([7f, 8], episode.Steps.Array("observation/force").ToSingles());
        Assert.Equal([0f, 0.5f], episode.Steps.Array("reward").ToSingles());
        Assert.Equal(["open, please", "close"], episode.Steps.Texts("language_instruction"));
        Assert.Equal([0f, 0.2f], episode.Steps.Array("timestamp").ToSingles());
        Assert.False(episode.Metadata.Array("episode_metadata/success").AsSpan<bool>()[0]);
        Assert.Equal(Formula.Image("a1", 6, 8, 3).Bytes.ToArray(), episode.Steps.Images("observation/top").Decode(1).Bytes.ToArray());
    }

    [Fact]
    public void Npz_HoldsNumbersAndPixels()
    {
        Directory.CreateDirectory(_folder.File("in/a"));
        AtomicFile.Write(_folder.File("in/a/data.npz"), stream => Npz.Write(stream,
        [
            new("actions", new MemoryArray(NdArray.From([1.5, 2.5], 2, 1))),
            new("wrist", new MemoryArray(Formula.Image("wrist", 2, 6, 8, 3))),
            new("flag", new MemoryArray(NdArray.From([true, false], 2))),
        ]));

        var episode = Convert().ReadEpisode("train", 0);

        Assert.Equal([1.5f, 2.5f], episode.Steps.Array("action").AsSpan<float>().ToArray());
        Assert.Equal([true, false], episode.Steps.Array("observation/flag").AsSpan<bool>().ToArray());
        Assert.Equal(Formula.Image("wrist", 2, 6, 8, 3).Bytes.ToArray()[144..], episode.Steps.Images("observation/wrist").Decode(1).Bytes.ToArray());
    }

    [Fact]
    public void Parquet_OfAnotherToolIsATable()
    {
        var source = Goldens.File("foreign", "lerobot_v21_images", "data", "chunk-000", "episode_000000.parquet");
        _folder.Write("in/a/steps.parquet", File.ReadAllBytes(source));

        var episode = Convert().ReadEpisode("train", 0);

        var expected = Goldens.Arrays("foreign", "expected.npz");
        Assert.Equal(expected["lerobot_v21_images.ep0.state"].ToSingles(), episode.Steps.Array("observation/state").ToSingles());
        Assert.Equal(12, episode.Steps.Images("observation/images.front").Count);
    }

    [Fact]
    public void SplitFolders_AreSplitsAndEpisodesCountAsPeopleDo()
    {
        foreach (var (name, x) in new[] { ("train/ep10", 3), ("train/ep2", 1), ("val/ep1", 7) })
            Text($"{name}/actions.csv", $"x\n{x}\n");

        var dataset = Convert();

        Assert.Equal([1f, 3], dataset.ReadEpisodes("train").Select(e => e.Steps.Array("action").ToSingles()[0]));
        Assert.Equal([7f], dataset.ReadEpisodes("val").Select(e => e.Steps.Array("action").ToSingles()[0]));
    }

    [Theory]
    [InlineData("actions.csv", "x,y\n1,2\n3\n", "row 3: 1 cells, the first row has 2")]
    [InlineData("actions.csv", "x\n", "no row")]
    [InlineData("actions.csv", "x\n\"1\n", "never closed")]
    [InlineData("actions.csv", "x,y\n1,up\n", "expected a number in every row")]
    [InlineData("state.csv", "x\n1\n", "there are no actions")]
    [InlineData("steps.json", """{"steps": [{"action": [1, 2]}, {"action": [1]}]}""", "$.steps[1].action: a list of 1 entries; expected 2")]
    [InlineData("steps.json", """{"steps": [{"action": [1]}, {"actoin": [1]}]}""", "'actoin' is not in the first step")]
    [InlineData("steps.json", """{"steps": [{"action": [1, [2, 3]]}]}""", "expected a number")]
    [InlineData("steps.json", """{"steps": []}""", "there is no step")]
    [InlineData("steps.json", """{"steps": [{"action": [1], "image": "../../secret.png"}]}""", "secret.png")]
    [InlineData("steps.json", """{"video": "/etc/passwd", "steps": [{"action": [1]}]}""", "/etc/passwd")]
    [InlineData("steps.json", """{"video": "gone.mp4", "steps": [{"action": [1]}]}""", "there is no such video")]
    [InlineData("steps.json", "[1", "expected")]
    [InlineData("steps.parquet", "PAR1", "not readable as Parquet")]
    [InlineData("actions.npy", "NUMPYFILE", "magic")]
    public void WhatIsWrong_IsNamedWithItsFile(string file, string content, string problem)
    {
        Text($"a/{file}", content);
        var e = Assert.ThrowsAny<IOException>(() => Convert());
        if (file != "steps.json" || !content.StartsWith('['))
            Assert.Contains(problem, e.Message);
        Assert.Contains("in/a", e.Message);
    }

    [Theory]
    [InlineData("b/actions.csv", "x,y\n1,2\n", "'action' is float32[2] a step, in 'a' it is float32[1]")]
    [InlineData("b/state.csv", "x\n1\n", "the column 'observation/state' is not in 'a'")]
    [InlineData("b/top/1.png", "b1", "the camera 'observation/top' has more than 1 frames, 'action' has 1 rows")]
    public void AnotherEpisode_MustHaveTheFirstOnesFeatures(string file, string content, string problem)
    {
        foreach (var name in new[] { "a", "b" })
        {
            Text($"{name}/actions.csv", "x\n1\n");
            Image($"{name}/top/0.png", name);
        }

        if (file.EndsWith(".png", StringComparison.Ordinal))
            Image(file, content);
        else
            Text(file, content);

        Assert.Contains($"b: {problem}", Assert.Throws<EpisodeSourceException>(() => Convert()).Message);
        var skipped = new List<string>();
        Assert.Equal(1, Convert(new ConversionOptions { OnSkipped = (entry, _) => skipped.Add(entry.Name) }).EpisodeCount("train"));
        Assert.Equal(["b"], skipped);
    }

    [Fact]
    public void AFixedEpisode_ContinuesWhereTheErrorWas()
    {
        var options = new ConversionOptions { FramesPerSecond = 10 };
        for (var i = 0; i < 4; i++)
            Text($"{i}/actions.csv", i == 2 ? "x\nup\n" : $"x\n{i}\n");
        var done = new List<string>();
        Assert.Throws<EpisodeSourceException>(() => Convert(options, new Reports(p => done.Add(p.Episode))));
        Assert.Equal(["0", "1"], done);

        Text("2/actions.csv", "x\n2\n");
        done.Clear();
        var dataset = Convert(options, new Reports(p => done.Add(p.Episode)));

        Assert.Equal(["2", "3"], done);
        Assert.Equal([0f, 1, 2, 3], dataset.ReadEpisodes("train").Select(e => e.Steps.Array("action").ToSingles()[0]));
    }

    [Fact]
    public void ACancelledConversion_GoesOnAndGivesTheSameBytes()
    {
        using var source = EpisodeSources.Open(Goldens.File("foreign", "libero.hdf5"));
        var whole = RldsDataset.Open(EpisodeConverter.Convert(source, _folder.File("whole"), new RldsDatasetInfo("libero"), cancellation: TestContext.Current.CancellationToken));
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => EpisodeConverter.Convert(source, _folder.File("parts"), new RldsDatasetInfo("libero"), progress: new Reports(_ => cancellation.Cancel()), cancellation: cancellation.Token));
        Assert.Throws<InvalidOperationException>(() => EpisodeConverter.Convert(source, _folder.File("parts"), new RldsDatasetInfo("libero"), new ConversionOptions { Instruction = "other" }, cancellation: TestContext.Current.CancellationToken));

        var resumed = RldsDataset.Open(EpisodeConverter.Convert(source, _folder.File("parts"), new RldsDatasetInfo("libero"), cancellation: TestContext.Current.CancellationToken));

        Assert.Equal(whole.ReadEpisodes("all").Select(e => System.Convert.ToHexString(e.Record.Data.Span)), resumed.ReadEpisodes("all").Select(e => System.Convert.ToHexString(e.Record.Data.Span)));
    }

    [Fact]
    public void LeRobot_ThatNamesFilesOutside_IsRefused()
    {
        var folder = _folder.File("in");
        foreach (var file in Directory.EnumerateFiles(Goldens.File("foreign", "lerobot_v21_images"), "*", SearchOption.AllDirectories))
            _folder.Write(Path.Combine("in", Path.GetRelativePath(Goldens.File("foreign", "lerobot_v21_images"), file)), File.ReadAllBytes(file));
        var info = Path.Combine(folder, "meta", "info.json");
        var text = File.ReadAllText(info);
        File.WriteAllText(info, text.Replace("data/chunk-", "../../chunk-"));
        Assert.Contains("expected the name of a file inside", Assert.Throws<CorruptFileException>(() => EpisodeSources.Open(folder)).Message);
        File.WriteAllText(info, text.Replace("v2.1", "v1.6"));
        Assert.Contains("v1.6", Assert.Throws<CorruptFileException>(() => EpisodeSources.Open(folder)).Message);
        File.WriteAllText(info, text.Replace("observation.state", "observation.stat"));
        using var source = EpisodeSources.Open(folder);
        Assert.Contains("column 'observation.stat': it is missing", Assert.Throws<EpisodeSourceException>(() => source.Read(0)).Message);
    }

    private RldsDataset Convert(ConversionOptions? options = null, IProgress<ConversionProgress>? progress = null)
    {
        using var source = EpisodeSources.Open(_folder.File("in"), EpisodeFormat.Folder);
        options ??= new ConversionOptions();
        return RldsDataset.Open(EpisodeConverter.Convert(
            source, _folder.File("out"), new RldsDatasetInfo("mine"), options with { Images = new ImageStorage { Format = ImageFormat.Png } }, progress, TestContext.Current.CancellationToken));
    }

    private void Text(string name, string content) => _folder.Write($"in/{name}", System.Text.Encoding.UTF8.GetBytes(content));

    private void Image(string name, string formula) => _folder.Write($"in/{name}", ImageCodec.EncodePng(Formula.Image(formula, 6, 8, 3)));

    private sealed class Reports(Action<ConversionProgress> report) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => report(value);
    }
}
